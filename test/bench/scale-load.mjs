// The calls that the bench of scale makes of stores of every size in turn, and what each costs.
import { readFileSync } from 'node:fs'

/** Calls of one kind on each store before they count. */
const WARM = 40
const HERTZ = 100

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
export const rounded = (value, digits = 3) => Number(value.toFixed(digits))

/**
 * Makes each kind of call on each of `targets` in turn, so many times, so that whatever else the computer does
 * hits all alike. A target is { tasks, call(kind, n), cpuMs() }. Answers the rows of a table.
 */
export async function inTurn(targets, kinds, rounds) {
  const rows = []
  for (const kind of kinds) {
    for (let n = 0; n < WARM; n += 1) for (const target of targets) await target.call(kind, n)
    const waits = targets.map(() => [])
    const cpu = targets.map(() => [])
    for (let n = 0; n < rounds; n += 1) {
      for (const [at, target] of targets.entries()) {
        const [before, begun] = [target.cpuMs(), performance.now()]
        await target.call(kind, WARM + n)
        waits[at].push(performance.now() - begun)
        cpu[at].push(target.cpuMs() - before)
      }
    }
    for (const [at, { tasks }] of targets.entries())
      rows.push({
        tasks,
        ...kind,
        ms: rounded(median(waits[at])),
        cpuMs: rounded(cpu[at].reduce((sum, one) => sum + one, 0) / rounds),
      })
  }
  return rows
}

/** Processor milliseconds of another process, to a hundredth of a second. */
export function cpuOf(pid) {
  const [, rest] = /\) \S (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  const fields = rest.split(' ').map(Number)
  return ((fields[10] + fields[11]) * 1000) / HERTZ
}

export function ownCpu() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
