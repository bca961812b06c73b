import { spawnSync } from 'node:child_process'
import { createCaller, pause, quantile } from './calls.js'
import { has, onGround } from './ground.js'
import { drive, type Load } from './load.js'
import { memoryOf, ticksOf } from './usage.js'

/** How long until ten calls in a row are served at once, in milliseconds. */
async function recovery(base: string, token: string): Promise<number> {
  const begun = performance.now()
  const caller = createCaller(base, token, 1)
  for (let good = 0; good < 10; ) {
    const { status, ms } = await caller.call('list_tasks')
    good = status === 200 && ms < 100 ? good + 1 : 0
    if (performance.now() - begun > 30_000) break
    await pause(10)
  }
  caller.close()
  return Math.round(performance.now() - begun)
}

/** One core for the server and another for who asks, where there are two. */
export function apart(): readonly string[] {
  if (!has('taskset')) return []
  spawnSync('taskset', ['-a', '-c', '-p', '1', String(process.pid)])
  return ['taskset', '-c', '0']
}

/** Drives a load, and sees how much of a core the server has had for it: others may have wanted it too. */
async function driveAt(pid: number, load: Load) {
  const [ticks, begun] = [ticksOf(pid), performance.now()]
  const figures = await drive(load)
  return { ...figures, core: Math.round(((ticksOf(pid) - ticks) / (performance.now() - begun)) * 1000) / 100 }
}

/** R19: the most that is served in a second, and what is served when `times` as much is asked for. */
export const overload = ({ seconds, times, pinned }: { seconds: number; times: number; pinned: boolean }) =>
  onGround(async (ground) => {
    const token = await ground.token()
    const server = await ground.start({ before: pinned ? apart() : [], env: { LOG_LEVEL: 'warn' } })
    const pid = server.child.pid ?? 0
    const caller = createCaller(ground.base, token)
    for (let count = 0; count < 50; count++)
      await caller.create(`task ${count} ${'of many words '.repeat(30)}`)
    const load = { port: ground.port, token, tool: 'list_tasks', seconds }
    await drive({ ...load, connections: 32, seconds: Math.min(seconds, 3) })
    const peak = await driveAt(pid, { ...load, connections: 32 })
    const memoryBefore = memoryOf(pid)
    const rate = (peak.served / peak.seconds) * times
    const over = await driveAt(pid, { ...load, rate, connections: 3800, warmUpSeconds: seconds })
    const memoryAfter = memoryOf(pid)
    const recoveryMs = await recovery(ground.base, token)
    const delay = JSON.parse((await caller.get('/readyz')).text).eventLoopDelayMs
    caller.close()
    const exitCode = await server.stop()
    return {
      coreAtPeak: peak.core,
      coreOverloaded: over.core,
      peakPerSecond: Math.round(peak.served / peak.seconds),
      askedPerSecond: Math.round((over.served + over.shed + over.other + over.unsent) / over.seconds),
      answeredPerSecond: Math.round((over.served + over.shed) / over.seconds),
      servedPerSecond: Math.round(over.served / over.seconds),
      goodput: Math.round((over.served / over.seconds / (peak.served / peak.seconds)) * 100) / 100,
      shed: over.shed,
      shedP99Ms: quantile(over.shedMs, 0.99),
      servedP99Ms: quantile(over.servedMs, 0.99),
      withoutRetryAfter: over.withoutRetryAfter,
      other: over.other,
      broken: over.broken,
      recoveryMs,
      memoryGrowthMiB: Math.round(memoryAfter - memoryBefore),
      loopDelayMaxMs: delay.max as number,
      exitCode,
    }
  })
