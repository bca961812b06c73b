// Stores of 100 thousand, a million and ten million tasks, asked by people of few and of many organizations:
// the tools straight on the store, and through the built server. Everything is warm, and all stores in turn.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import SQLite from 'better-sqlite3'
import { openStore } from '../../dist/store/open.js'
import { runTool, toolByName } from '../../dist/tools/index.js'
import { compiled } from './compiled.mjs'
import { caller, resultOf } from './nodes-load.mjs'
import { callers, makeStore, PEOPLE } from './scale-data.mjs'
import { cpuOf, inTurn, ownCpu } from './scale-load.mjs'

const docs = fileURLToPath(new URL('../../docs/scale/', import.meta.url))
const bin = fileURLToPath(new URL('../../bin/zuko-mcp.js', import.meta.url))
const SIZES = [100_000, 1_000_000, 10_000_000]
const [STRAIGHT, SERVED] = [150, 100]
const TOOLS = ['list_tasks', 'get_task', 'create_task']
const KINDS = TOOLS.flatMap((tool) => Object.keys(PEOPLE).map((people) => ({ tool, people })))

/** `folder` keeps the stores for another run; without it they are made for this one. */
export async function run([folder] = []) {
  const home = folder ?? mkdtempSync(join(tmpdir(), 'zuko-scale-'))
  mkdirSync(home, { recursive: true })
  try {
    const stores = []
    for (const tasks of SIZES) {
      const file = join(home, `${tasks}.db`)
      await makeStore(file, tasks, (done) => console.log(`${done} of ${tasks} tasks`))
      stores.push({ tasks, file })
    }
    const machine = describeMachine()
    const storage = stores.map(storageOf)
    const targets = await Promise.all(stores.map(straightOn))
    const straight = await inTurn(targets, KINDS, STRAIGHT)
    for (const target of targets) await target.close()
    const servers = await Promise.all(stores.map(servedFrom))
    const served = await inTurn(servers, KINDS, SERVED).finally(() => servers.map(({ close }) => close()))
    const figures = { machine: { ...machine, loadAtEnd: load1() }, storage, straight, served }
    console.table(straight)
    console.table(served)
    writeFileSync(join(docs, 'tasks.json'), `${JSON.stringify(figures, null, 2)}\n`)
    const { write } = await compiled('test/scale/pages.ts')
    write()
  } finally {
    if (folder === undefined) rmSync(home, { recursive: true, force: true })
  }
}

const load1 = () => Number(loadavg()[0].toFixed(2))

const describeMachine = () => ({
  at: new Date().toISOString().slice(0, 10),
  cores: cpus().length,
  processor: cpus()[0]?.model ?? 'unknown',
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  sqlite: new SQLite(':memory:').prepare('SELECT sqlite_version()').pluck().get(),
  loadAtStart: load1(),
})

const PAGES = `
  SELECT coalesce(schema.name, dbstat.name) AS name, schema.type AS type, schema.tbl_name AS "table", dbstat.pgsize AS bytes
  FROM dbstat LEFT JOIN sqlite_schema AS schema ON schema.name = dbstat.name
  WHERE dbstat.aggregate = TRUE AND schema.tbl_name IN ('task', 'task_owner')`

/** Bytes of the tables of tasks and of each of their indexes, for each task. */
function storageOf({ tasks, file }) {
  const sqlite = new SQLite(file, { readonly: true })
  const rows = sqlite.prepare(PAGES).all()
  const organizations = sqlite.prepare('SELECT count(*) FROM organization').pluck().get()
  sqlite.close()
  return {
    tasks,
    organizations,
    fileBytes: statSync(file).size,
    parts: rows
      .map(({ bytes, ...part }) => ({ ...part, bytesPerTask: Number((bytes / tasks).toFixed(1)) }))
      .sort((a, b) => b.bytesPerTask - a.bytesPerTask),
  }
}

/** Arguments of the nth call of a kind by one of its people, who sees these tasks. */
function argumentsOf({ tool }, n, { tasks, organizations }) {
  const of = (list) => list[n % list.length]
  if (tool === 'list_tasks')
    return n % 3 === 0 ? {} : n % 3 === 1 ? { status: 'TODO' } : { cursor: of(tasks).cursor }
  if (tool === 'get_task') return { taskId: of(tasks).id }
  return {
    title: `Call back ${n}`,
    organizationId: of(organizations),
    assignee: 'me',
    idempotencyKey: randomUUID(),
  }
}

/** Tasks of a person from all times, each with the cursor behind it where there is one, and the organizations. */
async function sightOf(call) {
  const { organizations } = await call('list_organizations', {})
  const tasks = []
  for (const { id } of organizations.slice(0, 20)) {
    const page = await call('list_tasks', { organizationId: id })
    tasks.push(...page.tasks.slice(0, 5).map(({ id }) => ({ id })))
  }
  let cursor
  for (let depth = 0; depth < 5; depth += 1) {
    const page = await call('list_tasks', cursor === undefined ? {} : { cursor })
    cursor = page.nextCursor
    if (cursor === undefined) break
    tasks.push({ id: page.tasks.at(-1).id, cursor })
  }
  return { tasks, organizations: organizations.map(({ id }) => id) }
}

/** A store as something to call: each kind's people one after another. */
async function callable(tasks, callAs) {
  const sights = new Map()
  for (const kind of Object.keys(PEOPLE))
    for (const email of callers(kind)) sights.set(email, await sightOf(await callAs(email)))
  return {
    tasks,
    async call(kind, n) {
      const people = callers(kind.people)
      const email = people[n % people.length]
      const call = await callAs(email)
      return call(kind.tool, argumentsOf(kind, Math.floor(n / people.length), sights.get(email)))
    },
  }
}

async function straightOn({ tasks, file }) {
  const store = await openStore(file)
  const people = new Map((await store.people.list()).map(({ email, id }) => [email, id]))
  const callAs = (email) => (name, args) =>
    runTool(toolByName(name), args, {
      store,
      caller: { userId: people.get(email), clientId: 'bench', requestId: 'bench' },
      now: () => new Date(),
    })
  return { ...(await callable(tasks, callAs)), cpuMs: ownCpu, close: () => store.close() }
}

async function servedFrom({ tasks, file }) {
  const { freePort } = await compiled('test/helpers/program.ts')
  const port = await freePort()
  const base = `http://127.0.0.1:${port}`
  const env = {
    PATH: process.env.PATH,
    HOME: join(file, '..'),
    DATABASE_URL: `file:${file}`,
    BACKEND_URL: base,
    BETTER_AUTH_SECRET: 'a secret of the bench, long enough to be one',
    RATE_LIMIT: 'off',
    LOG_LEVEL: 'warn',
  }
  const child = spawn(process.execPath, [bin, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const admin = async (args) => {
    const command = spawn(process.execPath, [bin, 'admin', ...args], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    command.stdout.setEncoding('utf8').on('data', (text) => (said += text))
    await once(command, 'close')
    return said.trim()
  }
  const tokens = new Map()
  for (const kind of Object.keys(PEOPLE))
    for (const email of callers(kind))
      tokens.set(email, await admin(['token', '--as', email, '--ttl', '15m']))
  const { call, close } = caller(base)
  const callAs = (email) => async (name, args) => resultOf(await call(tokens.get(email), name, args))
  return {
    ...(await callable(tasks, callAs)),
    cpuMs: () => cpuOf(child.pid),
    close() {
      close()
      child.kill('SIGKILL')
    },
  }
}
