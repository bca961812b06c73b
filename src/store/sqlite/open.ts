import type { Log } from '../../log.js'
import type { Engine } from '../engine.js'
import { sqliteEngine } from './engine.js'
import { openFile } from './file.js'

/**
 * The store in the file at `path`, or in memory.
 * @throws ZukoError FAILED or UNAVAILABLE with one line on why it cannot be used, and what to do
 */
export async function openSqlite(path: string, log?: Log): Promise<Engine> {
  const sqlite = await openFile(path)
  log?.debug({ path }, 'store opened')
  return sqliteEngine(sqlite)
}
