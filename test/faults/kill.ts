import { readFileSync } from 'node:fs'
import { acknowledged, createCaller, pause, quantile } from './calls.js'
import { type Ground, onGround, type Server } from './ground.js'
import { lookFor } from './remains.js'

const WRITERS = 8
/** Access tokens live 15 minutes. */
const TOKEN_MS = 5 * 60_000

/** Writers that send each write again under its key until it is acknowledged, through every restart. */
function startWriters({ base }: Ground, token: () => string) {
  const writes = new Map<string, number>()
  let running = true
  const busy = Array.from({ length: WRITERS }, async (_, writer) => {
    let caller = createCaller(base, token(), 1)
    for (let count = 0; running; ) {
      const title = `${writer}-${count}`
      const id = acknowledged(await caller.create(title))
      if (id !== undefined) {
        writes.set(title, id)
        count++
        continue
      }
      caller.close()
      await pause(50)
      caller = createCaller(base, token(), 1)
    }
    caller.close()
  })
  return {
    writes,
    async stop() {
      running = false
      await Promise.all(busy)
    },
  }
}

/** R1: kill -9 in the middle of writes, again and again, after at least `writesEach` acknowledged ones. */
export const killDuringWrites = ({ kills, writesEach }: { kills: number; writesEach: number }) =>
  onGround(async (ground) => {
    let [token, mintedAt] = [await ground.token(), Date.now()]
    let server: Server = await ground.start()
    const { writes, stop } = startWriters(ground, () => token)
    const restarts: number[] = []
    for (let round = 0; round < kills; round++) {
      const goal = writes.size + writesEach
      while (writes.size < goal) await pause(5)
      await pause(Math.random() * 50)
      await server.kill()
      if (Date.now() - mintedAt > TOKEN_MS) [token, mintedAt] = [await ground.token(), Date.now()]
      server = await ground.start()
      restarts.push(server.startedInMs)
    }
    await stop()
    const exitCode = await server.stop()
    return {
      kills,
      acknowledged: writes.size,
      ...(await lookFor(ground.path, writes)),
      restartMedianMs: quantile(restarts, 0.5),
      restartMaxMs: quantile(restarts, 1),
      exitCode,
    }
  })

/** The processes that a process has started and that still run. */
const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

/** R1 with workers: kill -9 of one worker in the middle of writes; the others go on, and it is replaced. */
export const killWorkers = ({ kills, writesEach }: { kills: number; writesEach: number }) =>
  onGround(async (ground) => {
    let [token, mintedAt] = [await ground.token(), Date.now()]
    const server = await ground.start({ args: ['--workers', '2'] })
    const workers = () => childrenOf(server.child.pid ?? 0)
    const { writes, stop } = startWriters(ground, () => token)
    for (let round = 0; round < kills; round++) {
      const goal = writes.size + writesEach
      while (writes.size < goal || workers().length < 2) await pause(5)
      await pause(Math.random() * 50)
      const [victim] = workers()
      if (victim !== undefined) process.kill(victim, 'SIGKILL')
      while (victim !== undefined && workers().includes(victim)) await pause(5)
      if (Date.now() - mintedAt > TOKEN_MS) [token, mintedAt] = [await ground.token(), Date.now()]
    }
    await stop()
    const alive = server.child.exitCode === null
    const exitCode = await server.stop()
    return { kills, acknowledged: writes.size, alive, ...(await lookFor(ground.path, writes)), exitCode }
  })
