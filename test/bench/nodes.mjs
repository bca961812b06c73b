// 1, 2 and 4 nodes of the built program behind nginx on one PostgreSQL, and one on SQLite as the base. The calls,
// the nodes, the database and nginx share this computer's cores: the cost of a call is what carries over to others.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { compiled } from './compiled.mjs'
import { fill, ORGANIZATIONS, PEOPLE, tokens } from './nodes-data.mjs'
import { caller, load, mostMemory, resultOf } from './nodes-load.mjs'

const docs = fileURLToPath(new URL('../../docs/scale/', import.meta.url))
/** For each node, before anything is counted: what runs often is compiled, and PostgreSQL has all in its memory. */
const WARM_MS = 4000
const ALONE_MS = 3000
const FULL_MS = 7000
const IN_FLIGHT = 16
/** High enough to refuse nothing; what keeping the rate costs is in the figures. */
const RATE_LIMIT = '1000000/s burst 1000000'

/** `folder` is where the figures go: docs/scale, unless another is named. */
export async function run([folder = docs] = []) {
  const parts = await compiled('test/bench/nodes-parts.ts')
  if (!parts.postgresPrograms() || !parts.hasNginx())
    throw new Error('This bench needs PostgreSQL and nginx. Fix: apt-get install postgresql nginx')
  const machine = describeMachine(parts)
  console.log(machineLine(machine))
  const home = mkdtempSync(join(tmpdir(), 'zuko-bench-'))
  const cluster = await parts.startCluster()
  const sites = []
  let storage
  try {
    const file = `file:${join(home, 'zuko.db')}`
    sites.push({ database: 'SQLite', nodes: 1, ...(await measured(parts, home, file, 1, true)) })
    const database = await cluster.database('bench')
    for (const nodes of [1, 2, 4]) {
      sites.push({
        database: 'PostgreSQL',
        nodes,
        ...(await measured(parts, home, database, nodes, nodes === 1)),
      })
      storage ??= await storageOf(database)
    }
  } finally {
    await cluster.stop()
    rmSync(home, { recursive: true, force: true })
  }
  const bench = { machine: { ...machine, loadAtEnd: load1() }, inFlight: IN_FLIGHT, storage, sites }
  console.table(sites.flatMap(rows))
  console.log(`load ${bench.machine.loadAtEnd} at the end`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'bench.json'), `${JSON.stringify(bench, null, 2)}\n`)
  writeFileSync(join(folder, 'bench.svg'), parts.picture(bench))
}

const load1 = () => Number(loadavg()[0].toFixed(2))
const versionOf = (program, args) => execFileSync(program, args, { encoding: 'utf8' }).match(/[\d.]+/)?.[0]

function describeMachine({ postgresPrograms }) {
  return {
    at: new Date().toISOString().slice(0, 10),
    cores: cpus().length,
    processor: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    postgres: versionOf(join(postgresPrograms(), 'postgres'), ['--version']),
    loadAtStart: load1(),
  }
}

const machineLine = ({ cores, processor, node, postgres, loadAtStart }) =>
  `${cores} cores of ${processor}, Node ${node}, PostgreSQL ${postgres}, load ${loadAtStart} at the start`

/** What PostgreSQL does by itself within minutes of so many new rows: without statistics it plans badly. */
async function settle(database) {
  if (!database.startsWith('postgres:')) return
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  await client.query('ANALYZE').finally(() => client.end())
}

/** Every kind of call on one site; the database is filled when it is new. */
async function measured({ startSite }, home, database, nodes, isNew) {
  const site = await startSite({ database, nodes, env: { RATE_LIMIT } })
  const { call, close } = caller(site.base)
  try {
    if (isNew) await fill(site, home)
    if (isNew) await settle(database)
    const kinds = await kindsOf(call, await tokens(site))
    const nodePids = new Set(site.nodes.map(({ child }) => child.pid))
    const figures = {}
    const each = Object.values(kinds)
    const any = (n) => each[n % each.length](n)
    await load({ call: any, inFlight: IN_FLIGHT, ms: WARM_MS * nodes, nodePids })
    for (const [name, one] of Object.entries(kinds)) {
      const alone = await load({ call: one, inFlight: 1, ms: ALONE_MS, nodePids })
      const { waits: _, ...full } = await load({ call: one, inFlight: IN_FLIGHT, ms: FULL_MS, nodePids })
      figures[name] = { alone, full }
    }
    return { memoryMiB: mostMemory(nodePids), calls: figures }
  } finally {
    close()
    await site.stop()
  }
}

/** The kinds of calls: each makes the nth, by one person after another. */
async function kindsOf(call, people) {
  const seen = []
  for (const token of people) {
    const { organizations } = resultOf(await call(token, 'list_organizations', {}))
    const { tasks } = resultOf(await call(token, 'list_tasks', {}))
    if (organizations.length !== ORGANIZATIONS / PEOPLE || tasks.length !== 50)
      throw new Error('The CRM of the bench is not whole.')
    seen.push({ token, organizations: organizations.map(({ id }) => id), tasks: tasks.map(({ id }) => id) })
  }
  const by = (name, argumentsOf) => async (n) => {
    const person = seen[n % seen.length]
    resultOf(await call(person.token, name, argumentsOf(person, Math.floor(n / seen.length))))
  }
  const create = by('create_task', ({ organizations }, n) => ({
    title: `Call back ${n}`,
    organizationId: organizations[n % organizations.length],
  }))
  const [first] = seen
  const createInOne = async (n) =>
    resultOf(
      await call(first.token, 'create_task', {
        title: `Call back ${n}`,
        organizationId: first.organizations[0],
      }),
    )
  return {
    list_tasks: by('list_tasks', () => ({})),
    get_task: by('get_task', ({ tasks }, n) => ({ taskId: tasks[n % tasks.length] })),
    create_task: create,
    'create_task in one organization': createInOne,
  }
}

/** Bytes of a row with its share of every index, by table. */
async function storageOf(database) {
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  try {
    await client.query(`BEGIN; SET LOCAL zuko.viewer = 'operator'`)
    const sizes = {}
    for (const table of ['task', 'task_owner', 'audit']) {
      const { rows } = await client.query(
        `SELECT count(*)::integer AS rows, pg_total_relation_size('${table}')::float8 AS bytes FROM ${table}`,
      )
      sizes[table] = { rows: rows[0].rows, bytesPerRow: Math.round(rows[0].bytes / rows[0].rows) }
    }
    return sizes
  } finally {
    await client.end()
  }
}

const rows = ({ database, nodes, calls }) =>
  Object.entries(calls).map(([call, { alone, full }]) => ({
    database,
    nodes,
    call,
    '1 at a time p50 ms': alone.p50,
    'calls/s': full.perSecond,
    'p50 ms': full.p50,
    'p99 ms': full.p99,
    'CPU ms: nodes': full.cpuMs.nodes,
    'CPU ms: database': full.cpuMs.database,
    'CPU ms: nginx': full.cpuMs.balancer,
    'CPU ms: generator': full.cpuMs.generator,
  }))
