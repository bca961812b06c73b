// Load on a site over HTTP, and what it costs each program: calls, waits, processor time.
import { readdirSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'

/** A person's calls to a site, over connections that are kept. */
export function caller(base) {
  const agent = new Agent({ keepAlive: true })
  const url = new URL('/api/mcp', base)
  const call = (token, name, args) =>
    new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-11-25',
      }
      const outgoing = request(url, { agent, method: 'POST', headers }, (incoming) => {
        const chunks = []
        incoming.on('data', (chunk) => chunks.push(chunk))
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode, text: String(Buffer.concat(chunks)) }),
        )
      })
      outgoing.on('error', reject)
      outgoing.end(
        JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }),
      )
    })
  return { call, close: () => agent.destroy() }
}

/** The result of a call that has to succeed. */
export function resultOf({ status, text }) {
  const result = status === 200 ? JSON.parse(text).result : undefined
  if (!result || result.isError) throw new Error(`A call was answered with ${status}: ${text.slice(0, 200)}`)
  return result.structuredContent
}

const HERTZ = 100
const GROUPS = { nginx: 'balancer', postgres: 'database' }

/** Processor milliseconds so far of all that this process started: of what it waited for as well. */
function cpuByProgram(nodePids) {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [, comm, rest] = /\((.*)\) \S (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))
        const fields = rest.split(' ').map(Number)
        const ticks = fields[10] + fields[11] + fields[12] + fields[13]
        return [{ pid: Number(pid), parent: fields[0], comm, ms: (ticks * 1000) / HERTZ }]
      } catch {
        return []
      }
    })
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]))
  const isOurs = (pid) => pid !== undefined && (pid === process.pid || isOurs(parents.get(pid)))
  const used = { nodes: 0, database: 0, balancer: 0 }
  for (const { pid, comm, ms } of processes) {
    if (pid === process.pid || !isOurs(pid)) continue
    const group = nodePids.has(pid) ? 'nodes' : GROUPS[comm]
    if (group) used[group] += ms
  }
  const { user, system } = process.cpuUsage()
  return { ...used, generator: (user + system) / 1000 }
}

/** The most memory that one of these processes has taken, MiB. */
export const mostMemory = (pids) =>
  Math.round(
    Math.max(
      ...[...pids].map((pid) =>
        Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]),
      ),
    ) / 1024,
  )

const quantile = (sorted, q) => sorted[Math.min(Math.floor(sorted.length * q), sorted.length - 1)]
const rounded = (value, digits = 3) => Number(value.toFixed(digits))

/** So many calls at a time for so long; `call` makes the nth one and throws where it fails. */
export async function load({ call, inFlight, ms, nodePids }) {
  const times = []
  let made = 0
  const before = cpuByProgram(nodePids)
  const from = performance.now()
  const work = async () => {
    while (performance.now() - from < ms) {
      const begun = performance.now()
      await call(made++)
      times.push(performance.now() - begun)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, work))
  const seconds = (performance.now() - from) / 1000
  const after = cpuByProgram(nodePids)
  const sorted = times.sort((a, b) => a - b)
  return {
    calls: times.length,
    perSecond: rounded(times.length / seconds, 1),
    p50: rounded(quantile(sorted, 0.5), 2),
    p99: rounded(quantile(sorted, 0.99), 2),
    cpuMs: Object.fromEntries(
      Object.keys(before).map((group) => [group, rounded((after[group] - before[group]) / times.length)]),
    ),
    /** The middles of 20 equal parts of all waits. */
    waits: Array.from({ length: 20 }, (_, part) => rounded(quantile(sorted, (part + 0.5) / 20), 2)),
  }
}
