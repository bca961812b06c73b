import { copyFileSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { acknowledged, createCaller } from './calls.js'
import { onGround } from './ground.js'
import { attach } from './strace.js'

/** How many answers of success a trace shows that no sync of the log went before. */
function unsynced(trace: string): { answers: number; withoutSync: number } {
  let synced = false
  const figures = { answers: 0, withoutSync: 0 }
  for (const line of trace.split('\n')) {
    if (
      /\b(fsync|fdatasync)\(\d+<[^>]*-wal>\)\s*= 0/.test(line) ||
      /(fsync|fdatasync) resumed.*= 0/.test(line)
    )
      synced = true
    if (!/\b(write|writev|sendto)\(\d+<(socket|TCP)/.test(line) || !line.includes('HTTP/1.1 200')) continue
    figures.answers++
    if (!synced) figures.withoutSync++
    synced = false
  }
  return figures
}

/** R2: the calls of the system are traced while tasks are created one after another. Needs strace. */
export const syncBeforeAnswer = ({ writes }: { writes: number }) =>
  onGround(async (ground) => {
    const token = await ground.token()
    const trace = join(ground.home, 'trace')
    const calls = 'trace=fsync,fdatasync,write,writev,sendto'
    const server = await ground.start()
    const letGo = await attach(server.child.pid ?? 0, ['-y', '-e', calls, '-o', trace])
    const caller = createCaller(ground.base, token, 1)
    let acks = 0
    for (let count = 0; count < writes; count++) {
      if (acknowledged(await caller.create(`task ${count}`)) !== undefined) acks++
    }
    caller.close()
    await letGo()
    await server.stop()
    return { acknowledged: acks, ...unsynced(readFileSync(trace, 'utf8')) }
  })

/** R2: a power cut leaves a log cut off anywhere; what is found is what was written up to some moment. */
export const tornLog = ({ writes, cuts }: { writes: number; cuts: number }) =>
  onGround(async (ground) => {
    const token = await ground.token()
    const server = await ground.start()
    const caller = createCaller(ground.base, token, 1)
    for (let count = 0; count < writes; count++) await caller.create(String(count))
    caller.close()
    await server.kill()
    const torn = join(ground.home, 'torn.db')
    const figures = { cuts, gaps: 0, damaged: 0, fewest: writes, most: 0 }
    const { size } = statSync(`${ground.path}-wal`)
    for (let cut = 0; cut < cuts; cut++) {
      rmSync(`${torn}-shm`, { force: true })
      copyFileSync(ground.path, torn)
      copyFileSync(`${ground.path}-wal`, `${torn}-wal`)
      truncateSync(`${torn}-wal`, Math.floor(Math.random() * size))
      const sqlite = new SQLite(torn)
      const titles = sqlite.prepare('SELECT title FROM task ORDER BY id').pluck().all() as string[]
      if (sqlite.pragma('integrity_check', { simple: true }) !== 'ok') figures.damaged++
      sqlite.close()
      if (titles.some((title, index) => title !== String(index))) figures.gaps++
      figures.fewest = Math.min(figures.fewest, titles.length)
      figures.most = Math.max(figures.most, titles.length)
    }
    return figures
  })
