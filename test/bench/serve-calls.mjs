// What a call costs: each contender in turn, round by round, the same requests.
import { cpuOf, load, median, open, openMany, quantile, spread } from './serve-load.mjs'
import { messageOf, requestOf, tool } from './serve-requests.mjs'
import { hasWorkers, startContender, startOurs } from './serve-sites.mjs'

const CONNECTIONS = 16
/** Of each kind of call before anything is counted: what runs often is compiled by then. */
const WARM = 1200

/** Which eras each one knows. */
export const CONTENDERS = [
  { name: 'floor', title: 'bare node:http', eras: ['modern', 'legacy'], start: startContender },
  { name: 'ours', title: 'zuko-mcp', eras: ['modern', 'legacy'], start: startOurs },
  {
    name: 'ours-2',
    title: 'zuko-mcp, 2 workers',
    eras: ['modern', 'legacy'],
    start: (store, name) => startOurs(store, name, ['--workers', '2']),
    exists: hasWorkers,
  },
  { name: 'sdk-v2', title: 'SDK v2, plain', eras: ['modern', 'legacy'], start: startContender },
  { name: 'sdk-v1', title: 'SDK v1, stateless', eras: ['legacy'], start: startContender },
  { name: 'fastmcp', title: 'FastMCP, stateless', eras: ['legacy'], start: startContender },
]

const callsOf = ({ taskId, organizationId }) => ({
  list_tasks: tool('list_tasks', {}),
  get_task: tool('get_task', { taskId }),
  create_task: tool('create_task', { title: 'Call back', organizationId }),
  'tools/list': { method: 'tools/list' },
})

/** Refuses to measure an answer that is not the one asked for. */
function check(name, call, answer) {
  const { result } = messageOf(answer)
  const text = result?.content?.[0]?.text
  const whole = {
    list_tasks: () => JSON.parse(text).length === 50 && result.structuredContent.tasks.length === 50,
    get_task: () => JSON.parse(text).owners.length > 0 && result.structuredContent.id > 0,
    create_task: () => JSON.parse(text).title === 'Call back' && result.structuredContent.id > 0,
    'tools/list': () => result.tools.length === 5,
  }
  if (result === undefined || result.isError || !whole[call]())
    throw new Error(`${name} answers ${call} otherwise: ${answer.toString().slice(0, 800)}`)
}

async function openSite(contender, store) {
  const site = await contender.start(store, contender.name)
  const cases = contender.eras.flatMap((era) =>
    Object.entries(callsOf(store)).map(([call, message]) => ({
      era,
      call,
      bytes: requestOf({ ...site, era }, message),
      rounds: [],
    })),
  )
  const { ask, close } = await open(site.port)
  for (const { call, bytes } of cases) check(contender.name, call, await ask(bytes))
  close()
  return { ...contender, ...site, cases }
}

/** Each slice has connections of its own: the peers close those that are idle for five seconds. */
async function measure({ pid, port }, { bytes, rounds }, count) {
  const connections = await openMany(port, CONNECTIONS)
  const before = cpuOf(pid)
  const { times, ms } = await load({ connections, bytes, count })
  const cpuUs = (cpuOf(pid) - before) / count
  for (const { close } of connections) close()
  rounds.push({ cpuUs, perSecond: count / (ms / 1000), p50: median(times), p99: quantile(times, 0.99) })
}

const summary = ({ era, call, rounds }) => ({
  era,
  call,
  cpuUs: spread(rounds.map(({ cpuUs }) => cpuUs)),
  perSecond: spread(rounds.map(({ perSecond }) => perSecond)),
  p50Ms: median(rounds.map(({ p50 }) => p50)),
  p99Ms: median(rounds.map(({ p99 }) => p99)),
})

/** In which order a round measures: kind by kind, and each kind by another contender first. */
function turns(sites, round) {
  const seats = sites.map((_, seat) => sites[(seat + round) % sites.length])
  return sites[0].cases.flatMap(({ era, call }) =>
    seats.flatMap((site) =>
      site.cases.filter((one) => one.era === era && one.call === call).map((one) => ({ site, one })),
    ),
  )
}

/** Every contender (or those of `names`) through every kind of call, `count` of each in each round. */
export async function calls(store, { rounds, count, names }) {
  const wanted = CONTENDERS.filter(({ name, exists }) => (names ? names.includes(name) : !exists || exists()))
  const sites = []
  try {
    for (const contender of wanted) sites.push(await openSite(contender, store))
    for (const { site, one } of turns(sites, 0)) await measure(site, { ...one, rounds: [] }, WARM)
    for (let round = 0; round < rounds; round++) {
      for (const { site, one } of turns(sites, round)) await measure(site, one, count)
    }
    return sites.map(({ name, title, cases }) => ({ name, title, cases: cases.map(summary) }))
  } finally {
    for (const { stop } of sites) await stop()
  }
}
