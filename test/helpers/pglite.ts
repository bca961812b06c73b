import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

const MODULES = new URL('../../node_modules/', import.meta.url)
const CACHE = fileURLToPath(new URL('.cache/zuko-mcp', MODULES))
/** Stores of one test; each has one connection, and their transactions come one after another. */
const STORES = 4

/** An empty cluster as a file: making one takes seconds, reading it less than one. */
async function template(): Promise<Blob> {
  const { version } = JSON.parse(readFileSync(new URL('@electric-sql/pglite/package.json', MODULES), 'utf8'))
  const path = `${CACHE}/pglite-${version}.tgz`
  try {
    return new Blob([readFileSync(path)])
  } catch {
    const made = await PGlite.create()
    const dump = await made.dumpDataDir('gzip')
    await made.close()
    mkdirSync(CACHE, { recursive: true })
    writeFileSync(`${path}.${process.pid}`, Buffer.from(await dump.arrayBuffer()))
    renameSync(`${path}.${process.pid}`, path)
    return dump
  }
}

/** As a new cluster has it. */
const EMPTY = `
  DROP SCHEMA public CASCADE;
  CREATE SCHEMA public;
  GRANT USAGE ON SCHEMA public TO PUBLIC;
  DISCARD ALL`

let kept: PGlite | undefined

/** The one Postgres of this process, emptied: making another for each file of tests would take a second each. */
async function emptied(): Promise<PGlite> {
  if (!kept || kept.closed) kept = await PGlite.create({ loadDataDir: await template() })
  else for (const text of EMPTY.split(';')) await kept.exec(text)
  return kept
}

/** Postgres inside this process, behind a loopback port of its own; one at a time. */
export async function startPglite() {
  const db = await emptied()
  const server = new PGLiteSocketServer({ db, port: 0, maxConnections: STORES })
  await server.start()
  return {
    url: `postgres://postgres:postgres@${server.getServerConn()}/postgres?max=1`,
    /** Runs one statement; answers its rows. */
    query: async (sql: string) => (await db.query<Record<string, unknown>>(sql)).rows,
    stop: () => server.stop(),
  }
}
