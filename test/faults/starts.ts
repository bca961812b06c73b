import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import SQLite from 'better-sqlite3'
import { ROOT } from '../helpers/sources.js'
import { createCaller } from './calls.js'
import { type Ground, isRoot, onGround } from './ground.js'

const NOBODY = 65534

export interface Refused {
  code: number | null
  /** What it said, line by line. */
  lines: string[]
  ms: number
  /** Whether every byte of the store is as it was. */
  untouched: boolean
}

/** An empty log is none. */
const bytesOf = (path: string): string =>
  ['', '-wal']
    .map((end) => (existsSync(path + end) ? readFileSync(path + end) : Buffer.alloc(0)))
    .map((bytes) => createHash('sha256').update(bytes).digest('hex'))
    .join()

/** Starts the program where it should not start. */
export function startsNot(env: Record<string, string>, path?: string, as?: number): Refused {
  const before = path && bytesOf(path)
  const begun = performance.now()
  const command = [join(ROOT, 'bin', 'zuko-mcp.js'), 'serve']
  const user = as === undefined ? {} : { uid: as, gid: as }
  const { status, stderr } = spawnSync(process.execPath, command, {
    ...{ env, encoding: 'utf8', timeout: 20_000 },
    ...user,
  })
  return {
    code: status,
    lines: stderr.trim().split('\n'),
    ms: Math.round(performance.now() - begun),
    untouched: (path && bytesOf(path)) === before,
  }
}

/** A store with some tasks: one that was closed, and as it is right after a kill, with a log beside it. */
async function storeWithLog(ground: Ground, words: string): Promise<void> {
  const token = await ground.token()
  const server = await ground.start()
  const caller = createCaller(ground.base, token)
  for (let count = 0; count < 60; count++) await caller.create(`${words} ${count}`)
  caller.close()
  await server.kill()
}

const change = (path: string, edit: (bytes: Buffer) => Buffer): void =>
  writeFileSync(path, edit(readFileSync(path)))

/** R8 and R25: what may have happened to the file of a store. */
const DAMAGES: Record<string, (path: string, other: string) => void> = {
  'noise from the start': (path) => change(path, (bytes) => Buffer.alloc(bytes.length, 7)),
  'a page of noise': (path) => {
    rmSync(`${path}-wal`)
    change(path, (bytes) => bytes.fill(0xff, 3 * 4096, 4 * 4096))
  },
  'cut off': (path) => {
    rmSync(`${path}-wal`)
    change(path, (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2)))
  },
  'cut off to nothing, with its log': (path) => writeFileSync(path, ''),
  "another store's log": (path, other) => copyFileSync(`${other}-wal`, `${path}-wal`),
  'the schema of a later version': (path) => {
    const sqlite = new SQLite(path)
    sqlite.exec(`INSERT INTO "__drizzle_migrations" (hash, created_at) VALUES ('later', 9999999999999)`)
    sqlite.close()
  },
}

/** R8, R25: the program refuses a damaged store in one line, and changes nothing of it. */
export const damagedStores = ({ ways }: { ways: number }) =>
  onGround((ground) =>
    onGround(async (other) => {
      await storeWithLog(ground, 'ours')
      await storeWithLog(other, 'theirs')
      const figures = { ways: 0, started: 0, changed: 0, unclear: 0 }
      for (const [name, damage] of Object.entries(DAMAGES).slice(-ways)) {
        const path = join(ground.home, name.replaceAll(/\W/g, '-'), 'zuko.db')
        mkdirSync(dirname(path))
        for (const end of ['', '-wal']) copyFileSync(ground.path + end, path + end)
        damage(path, other.path)
        const refused = startsNot({ ...ground.env, DATABASE_URL: `file:${path}` }, path)
        figures.ways++
        if (refused.code !== 1) figures.started++
        if (!refused.untouched) figures.changed++
        const [line = ''] = refused.lines
        if (refused.lines.length !== 1 || !line.includes(path) || !line.includes('Fix:')) figures.unclear++
      }
      return figures
    }),
  )

/** Whether that other user may run this program at all: not where it lies in somebody's private folder. */
export const runsForOthers = (): boolean =>
  !isRoot ||
  spawnSync(process.execPath, [join(ROOT, 'bin', 'zuko-mcp.js'), '--version'], { uid: NOBODY, gid: NOBODY })
    .status === 0

/** R6: a store, and a folder, in which this user may not write. */
export const readOnly = () =>
  onGround(async (ground) => {
    const as = isRoot ? NOBODY : undefined
    const figures = { ways: 0, started: 0, changed: 0, unclear: 0 }
    for (const [name, folderMode, fileMode] of [
      ['file', 0o777, 0o444],
      ['folder', 0o555, 0o666],
      ['both', 0o555, 0o444],
    ] as const) {
      const path = join(ground.home, name, 'zuko.db')
      mkdirSync(dirname(path))
      copyFileSync(ground.path, path)
      chmodSync(path, fileMode)
      chmodSync(dirname(path), folderMode)
      chmodSync(ground.home, 0o755)
      const refused = startsNot({ ...ground.env, DATABASE_URL: `file:${path}` }, path, as)
      figures.ways++
      if (refused.code !== 1) figures.started++
      if (!refused.untouched) figures.changed++
      if (refused.lines.length !== 1 || !refused.lines[0]?.includes('Fix:')) figures.unclear++
      chmodSync(dirname(path), 0o777)
    }
    return figures
  })
