// What the bridge costs beside a raw pipe and mcp-remote, against one server, in the same minutes, turn by turn.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { mcpRemote } from './mcp-remote.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const STARTS = 20
const ROUNDS = 32
const CALLS = 60
const RUSH = 500
const IN_FLIGHT = 32

const initialize = {
  jsonrpc: '2.0',
  id: 'i',
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
}
const call = (id) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'list_tasks', arguments: { status: 'TODO' } },
})

/** `program` is another build of zuko-mcp than the checkout's own. */
export async function run([program = join(here, '..', '..', 'bin', 'zuko-mcp.js')] = []) {
  const home = mkdtempSync(join(tmpdir(), 'zuko-bench-'))
  const server = spawn(process.execPath, [join(here, 'server.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const port = await new Promise((resolve) => server.stdout.once('data', (data) => resolve(Number(data))))
    await measure(`http://127.0.0.1:${port}/mcp`, home, program)
  } finally {
    server.kill()
    rmSync(home, { recursive: true, force: true })
  }
}

async function measure(url, home, program) {
  const commands = {
    pipe: [join(here, 'pipe.mjs'), url],
    ours: [program, 'proxy', url],
    'mcp-remote': [mcpRemote(), url, '--allow-http'],
  }
  const env = { ...process.env, HOME: home, XDG_DATA_HOME: home, MCP_REMOTE_CONFIG_DIR: join(home, 'remote') }
  const names = Object.keys(commands)
  const figures = Object.fromEntries(
    names.map((name) => [name, { start: [], startCpu: [], rounds: [], cpu: [], rate: [] }]),
  )
  console.log(`Node ${process.version}, load ${loadavg()[0].toFixed(2)} at the start`)
  for (let round = 0; round < STARTS; round++) {
    for (const name of turned(names, round)) {
      const bridge = start(commands[name], env)
      figures[name].start.push(await bridge.opened)
      figures[name].startCpu.push(bridge.cpu())
      await bridge.end()
    }
  }
  const direct = { rounds: [], cpu: [], rate: [] }
  const bridges = Object.fromEntries(names.map((name) => [name, start(commands[name], env)]))
  for (const name of names) {
    await bridges[name].opened
    await new Promise((resolve) => setTimeout(resolve, 500))
    figures[name].idle = bridges[name].memory()
  }
  const all = [['direct', over(url), direct], ...names.map((name) => [name, bridges[name], figures[name]])]
  for (let round = 0; round < ROUNDS; round++) {
    for (const [, bridge, figure] of turned(all, round)) {
      const before = bridge.cpu()
      figure.rounds.push(await sequence(bridge))
      figure.cpu.push((bridge.cpu() - before) / CALLS)
    }
    for (const [, bridge, figure] of turned(all, round)) figure.rate.push(await rush(bridge))
  }
  for (const name of names) {
    figures[name].busy = bridges[name].memory()
    await bridges[name].end()
  }
  show(names, figures, direct)
}

/** Each round starts with another candidate, so that none has the warm or the cold place for itself. */
const turned = (all, by) => all.map((_, at) => all[(at + by) % all.length])

/** A bridge as a host starts it. `opened` is the time from its spawn to its answer to initialize, in ms. */
function start(command, env) {
  const begun = performance.now()
  const child = spawn(process.execPath, command, { env, stdio: ['pipe', 'pipe', 'ignore'] })
  const waiting = new Map()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id } = JSON.parse(line)
    waiting.get(id)?.()
    waiting.delete(id)
  })
  const send = (message) => {
    const answered = new Promise((resolve) => waiting.set(message.id, resolve))
    child.stdin.write(`${JSON.stringify(message)}\n`)
    return answered
  }
  const opened = send(initialize).then(() => {
    const took = performance.now() - begun
    child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
    return took
  })
  return {
    opened,
    send,
    memory: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024,
    cpu: () => cpuOf(child.pid),
    end: () =>
      new Promise((resolve) => {
        child.once('exit', resolve)
        child.stdin.end()
        setTimeout(() => child.kill('SIGKILL'), 3000).unref()
      }),
  }
}

/** The processor time of a process and all its threads so far, in ms: what others do on this machine is not in it. */
const cpuOf = (pid) =>
  readdirSync(`/proc/${pid}/task`)
    .map(
      (thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6,
    )
    .reduce((sum, ms) => sum + ms, 0)

/** The same calls without a bridge. */
function over(url) {
  const agent = new Agent({ keepAlive: true })
  const headers = { 'content-type': 'application/json' }
  const send = (message) =>
    new Promise((resolve, reject) => {
      const outgoing = request(url, { agent, method: 'POST', headers }, (incoming) => {
        const chunks = []
        incoming.on('data', (chunk) => chunks.push(chunk))
        incoming.on('end', () => resolve(JSON.parse(Buffer.concat(chunks))))
      })
      outgoing.on('error', reject)
      outgoing.end(JSON.stringify(message))
    })
  return { send, cpu: () => 0 }
}

let lastId = 0

async function sequence({ send }) {
  const times = []
  for (let n = 0; n < CALLS; n++) {
    const begun = performance.now()
    await send(call(++lastId))
    times.push(performance.now() - begun)
  }
  return times
}

/** Calls a second with many in flight. */
async function rush({ send }) {
  let left = RUSH
  const begun = performance.now()
  const worker = async () => {
    while (left-- > 0) await send(call(++lastId))
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
  return RUSH / ((performance.now() - begun) / 1000)
}

const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * q)]
const median = (values) => quantile(values, 0.5)

/** The middle of some figures, and between which two its middle half lies. */
const spread = (values, digits) =>
  `${median(values).toFixed(digits)} (${quantile(values, 0.25).toFixed(digits)}–${quantile(values, 0.75).toFixed(digits)})`

/** What a bridge adds to a call, round by round: each round is held against the direct calls of the same moment. */
const addedBy = (rounds, direct) => rounds.map((times, round) => median(times) - median(direct[round]))

function show(names, figures, direct) {
  for (const name of names) figures[name].added = addedBy(figures[name].rounds, direct.rounds)
  const calls = direct.rounds.flat()
  console.log(
    `direct: call p50 ${median(calls).toFixed(2)} ms, ${IN_FLIGHT} in flight ${median(direct.rate).toFixed(0)}/s`,
  )
  console.log('Each figure is a median, and in brackets the quartiles around it.')
  console.table(Object.fromEntries(names.map((name) => [name, row(figures[name])])))
  judge(figures)
  console.log(`load ${loadavg()[0].toFixed(2)} at the end`)
}

const row = ({ start: starts, startCpu, added, rounds, cpu, rate, idle, busy }) => ({
  'spawn→initialize ms': spread(starts, 0),
  'its CPU ms': spread(startCpu, 0),
  'added per call ms': spread(added, 3),
  'CPU per call ms': spread(cpu, 3),
  'call p99 ms': quantile(rounds.flat(), 0.99).toFixed(1),
  [`${IN_FLIGHT} in flight /s`]: spread(rate, 0),
  'RSS idle MB': idle.toFixed(0),
  'RSS after MB': busy.toFixed(0),
})

function judge({ pipe, ours, 'mcp-remote': remote }) {
  const line = (what, ratio, goal, met) =>
    console.log(`${met ? 'met ' : 'MISS'} ${what.padEnd(34)} ${ratio.toFixed(2)}× (goal ${goal})`)
  const most = (what, ratio, goal) => line(what, ratio, `at most ${goal}×`, ratio <= goal)
  const least = (what, ratio, goal) => line(what, ratio, `at least ${goal}×`, ratio >= goal)
  const ratio = (one, other, what) => median(one[what]) / median(other[what])
  most('spawn→initialize, ours/pipe', ratio(ours, pipe, 'start'), 1.5)
  most('added per call, ours/pipe', ratio(ours, pipe, 'added'), 1.5)
  least(`${IN_FLIGHT} in flight, ours/pipe`, ratio(ours, pipe, 'rate'), 0.8)
  most('RSS idle, ours/pipe', ours.idle / pipe.idle, 1.3)
  most('RSS after, ours/pipe', ours.busy / pipe.busy, 1.3)
  least('spawn→initialize, mcp-remote/ours', ratio(remote, ours, 'start'), 4)
  least('added per call, mcp-remote/ours', ratio(remote, ours, 'added'), 4)
  least(`${IN_FLIGHT} in flight, ours/mcp-remote`, ratio(ours, remote, 'rate'), 4)
}
