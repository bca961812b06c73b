import { readdirSync, statSync } from 'node:fs'
import { createCaller, pause } from './calls.js'
import { onGround } from './ground.js'
import { drive } from './load.js'
import { memoryOf } from './usage.js'

interface Sample {
  hours: number
  memory: number
  files: number
  logBytes: number
}

/** Least squares: by how much a value grows in an hour. */
function slope(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const [x, y] = [mean(samples.map(({ hours }) => hours)), mean(samples.map(of))]
  const above = samples.reduce((sum, one) => sum + (one.hours - x) * (of(one) - y), 0)
  const below = samples.reduce((sum, one) => sum + (one.hours - x) ** 2, 0)
  return below === 0 ? 0 : above / below
}

/** R20: reads and writes at a steady rate for a long time; memory, open files and the log must not grow. */
export const soak = ({ minutes, rate }: { minutes: number; rate: number }) =>
  onGround(async (ground) => {
    const server = await ground.start({ env: { LOG_LEVEL: 'warn' } })
    const pid = server.child.pid ?? 0
    const samples: Sample[] = []
    const begun = performance.now()
    const totals = { served: 0, refused: 0, writes: 0, writesRefused: 0 }
    while (performance.now() - begun < minutes * 60_000) {
      const token = await ground.token()
      const seconds = Math.min(10, minutes * 30)
      const caller = createCaller(ground.base, token, 1)
      const until = performance.now() + seconds * 1000
      const writing = async () => {
        while (performance.now() < until) {
          const { status } = await caller.create(`soak ${totals.writes + totals.writesRefused}`)
          if (status === 200) totals.writes++
          else totals.writesRefused++
          await pause(100)
        }
      }
      const load = { port: ground.port, token, tool: 'list_tasks', rate, connections: 64, seconds }
      const [read] = await Promise.all([drive(load), writing()])
      caller.close()
      totals.served += read.served
      totals.refused += read.shed + read.other + read.broken + read.unsent
      samples.push({
        hours: (performance.now() - begun) / 3600_000,
        memory: memoryOf(pid),
        files: readdirSync(`/proc/${pid}/fd`).length,
        logBytes: statSync(`${ground.path}-wal`).size,
      })
    }
    const late = samples.slice(Math.floor(samples.length / 2))
    const exitCode = await server.stop()
    return {
      minutes,
      ...totals,
      memoryMiB: Math.round(samples.at(-1)?.memory ?? 0),
      memoryGrowthMiBPerHour: Math.round(slope(late, ({ memory }) => memory)),
      filesGrowth: (late.at(-1)?.files ?? 0) - (late[0]?.files ?? 0),
      logMiB: Math.round((Math.max(...samples.map(({ logBytes }) => logBytes)) / 2 ** 20) * 10) / 10,
      exitCode,
    }
  })
