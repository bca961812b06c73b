import SQLite from 'better-sqlite3'
import { openStore } from '../../src/store/open.js'

/** What is found in a store after a fault. */
export interface Remains {
  /** Acknowledged writes that are not there under their id. */
  lost: number
  /** Titles that are there more than once. */
  doubled: number
  /** What SQLite's integrity_check says. */
  integrity: string
  /** Organizations whose audit does not prove. */
  auditBroken: number
}

/** Looks for acknowledged writes, title → id, past the program; no server may run. */
export async function lookFor(path: string, writes: ReadonlyMap<string, number>): Promise<Remains> {
  const sqlite = new SQLite(path)
  const rows = sqlite.prepare('SELECT id, title FROM task').all() as { id: number; title: string }[]
  const integrity = sqlite.pragma('integrity_check', { simple: true }) as string
  sqlite.close()
  const there = new Map(rows.map(({ id, title }) => [title, id]))
  const store = await openStore(path)
  const { broken } = await store.audit.verify()
  await store.close()
  return {
    lost: [...writes].filter(([title, id]) => there.get(title) !== id).length,
    doubled: rows.length - there.size,
    integrity,
    auditBroken: broken === undefined ? 0 : 1,
  }
}
