/**
 * Many nodes of the built program on one PostgreSQL behind nginx. `ZUKO_ROUNDS` says how often something is
 * killed (2 here; `npm run nodes` does it 20 times), `ZUKO_FIGURES` where what was counted is written.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, postgresPrograms, startCluster } from '../helpers/cluster.js'
import {
  CALLBACK,
  clickThrough,
  logIn,
  newVerifier,
  register,
  type Tokens,
  tokenRequest,
} from '../helpers/oauth.js'
import { ROOT } from '../helpers/sources.js'
import { hasNginx } from './balancer.js'
import { call, startWriters, structured, type Writes } from './calls.js'
import { type Site, type SiteOptions, startSite } from './site.js'

const ROUNDS = Number(process.env.ZUKO_ROUNDS ?? 2)
/** Rounds of requests that count towards the allowance of the address they all come from. */
const FEW = 2
const EMAIL = 'ada@example.com'
const PASSWORD = 'correct horse battery staple'
const missing = [...(hasNginx() ? [] : ['nginx']), ...(postgresPrograms() ? [] : ['PostgreSQL'])]

let cluster: Cluster
let databases = 0
const figures: Record<string, unknown> = {}

beforeAll(async () => {
  if (missing.length === 0) cluster = await startCluster()
})
afterAll(async () => {
  await cluster?.stop()
  if (process.env.ZUKO_FIGURES) writeFileSync(process.env.ZUKO_FIGURES, JSON.stringify(figures, null, 2))
})

interface Running extends Site {
  database: string
  token: string
  organizationId: number
}

/** A site for the tests around it, with one person in one organization. */
function siteFor(options: Omit<SiteOptions, 'database'>): Running {
  const running = {} as Running
  beforeAll(async () => void Object.assign(running, await start(options)))
  afterAll(() => running.stop?.())
  return running
}

/** A site with one person in one organization. */
async function start(options: Omit<SiteOptions, 'database'>): Promise<Running> {
  databases += 1
  const database = await cluster.database(`zuko${databases}`)
  const running = await startSite({ database, ...options })
  await running.admin(['users', 'add', EMAIL, '--name', 'Ada', '--password-stdin'], PASSWORD)
  await running.admin(['organizations', 'add', 'Acme', '--slug', 'acme'])
  await running.admin(['members', 'add', EMAIL, 'acme', '--role', 'owner'])
  const token = await running.admin(['token', '--as', EMAIL, '--ttl', '15m'])
  const listed = structured<{ organizations: { id: number }[] }>(
    await call(running.base, token, 'list_organizations', {}),
  )
  return { ...running, database, token, organizationId: listed?.organizations[0]?.id ?? 0 }
}

/** Every task in the database, past the program: its id by its title. */
async function tasksOf(database: string): Promise<Map<string, number[]>> {
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  try {
    await client.query(`BEGIN; SET LOCAL zuko.viewer = 'operator'`)
    const { rows } = await client.query('SELECT title, id FROM task ORDER BY id')
    const found = new Map<string, number[]>()
    for (const { title, id } of rows) found.set(title, [...(found.get(title) ?? []), id])
    return found
  } finally {
    await client.end()
  }
}

/** Every acknowledged write is there once, under the id it was acknowledged with. */
async function expectNoneLost(database: string, { acknowledged }: Writes): Promise<void> {
  const there = await tasksOf(database)
  const lost = [...acknowledged].filter(([key, id]) => there.get(key)?.join() !== String(id))
  expect(lost).toEqual([])
}

const told = ({ acknowledged, refused, longestGap }: Writes) => ({
  acknowledged: acknowledged.size,
  refused: Object.fromEntries(refused),
  longestGapMs: Math.round(longestGap),
})

/** A goal of the long form: how long it takes says nothing on a machine that does other things as well. */
const expectBackSoon = ({ longestGap }: Writes): void => {
  if (process.env.ZUKO_FIGURES) expect(longestGap).toBeLessThan(5000)
}

const logInAt = async (base: string): Promise<Tokens> =>
  logIn({ base, clientId: await register(base), email: EMAIL, password: PASSWORD })

const nowhere = missing.map((name) => `: there is no ${name}`).join('')

describe.skipIf(missing.length > 0)(`four nodes${nowhere}`, () => {
  const site = siteFor({ nodes: 4, env: { RATE_LIMIT: 'off' } })

  test('come up together on an empty database, with one key', async () => {
    const { base, admin } = site
    expect(JSON.parse(await admin(['keys', 'list', '--json']))).toHaveLength(1)
    const answers = await Promise.all(Array.from({ length: 8 }, () => fetch(`${base}/auth/jwks`)))
    const published = await Promise.all(answers.map((answer) => answer.text()))
    expect(new Set(published).size).toBe(1)
  })

  test('a login that began on one node ends on another', async () => {
    const { base, nodes } = site
    const tokens = await logInAt(base)
    const calls = await Promise.all(
      Array.from({ length: 4 }, () => call(base, tokens.access_token, 'list_tasks', {})),
    )
    expect(calls.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(nodes.map(({ child }) => child.exitCode)).toEqual(nodes.map(() => null))
  })

  test('a code is spent once, however many nodes are asked at once', async () => {
    const { base } = site
    const clientId = await register(base)
    for (let round = 0; round < FEW; round += 1) {
      const verifier = newVerifier()
      const back = await clickThrough({ base, clientId, email: EMAIL, password: PASSWORD }, verifier)
      const form = {
        grant_type: 'authorization_code',
        code: back.searchParams.get('code') ?? '',
        redirect_uri: CALLBACK,
        client_id: clientId,
        code_verifier: verifier,
      }
      const answers = await Promise.all(Array.from({ length: 20 }, () => tokenRequest(base, form)))
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    }
  })

  test('a refresh token that many nodes are sent at once gives all of them the same pair', async () => {
    const { base } = site
    const clientId = await register(base)
    let tokens = await logIn({ base, clientId, email: EMAIL, password: PASSWORD })
    for (let round = 0; round < FEW; round += 1) {
      const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, client_id: clientId }
      const answers = await Promise.all(Array.from({ length: 20 }, () => tokenRequest(base, form)))
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
      expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1)
      tokens = answers[0]?.body as Tokens
    }
  })

  test('a grant that is revoked ends its tokens on every node at once', async () => {
    const { base, admin } = site
    const clientId = await register(base)
    const { access_token: token } = await logIn({ base, clientId, email: EMAIL, password: PASSWORD })
    const statuses = async () =>
      (await Promise.all(Array.from({ length: 6 }, () => call(base, token, 'list_tasks', {})))).map(
        ({ status }) => status,
      )
    expect(await statuses()).toEqual(Array(6).fill(200))
    await admin(['grants', 'revoke', EMAIL, clientId])
    expect(await statuses()).toEqual(Array(6).fill(401))
  })

  test('one idempotency key makes one task, whichever nodes it is sent to at once', async () => {
    const { base, token, database, organizationId } = site
    for (let round = 0; round < ROUNDS * 5; round += 1) {
      const key = `key ${round}`
      const answers = await Promise.all(
        Array.from({ length: 12 }, () =>
          call(base, token, 'create_task', { title: key, organizationId, idempotencyKey: key }),
        ),
      )
      const ids = answers.map((answer) => structured<{ id: number }>(answer)?.id)
      expect(new Set(ids).size).toBe(1)
      expect((await tasksOf(database)).get(key)).toEqual([ids[0]])
    }
  })

  test('a new signing key reaches every node without a refused token', async () => {
    const { base, token, organizationId, admin } = site
    const clientId = await register(base)
    let tokens = await logIn({ base, clientId, email: EMAIL, password: PASSWORD })
    const writers = startWriters(base, token, organizationId, 2)
    await admin(['keys', 'rotate'])
    for (let round = 0; round < 10; round += 1) {
      const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, client_id: clientId }
      tokens = (await tokenRequest(base, form)).body
      const calls = await Promise.all(
        Array.from({ length: 4 }, () => call(base, tokens.access_token, 'list_tasks', {})),
      )
      expect(calls.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    }
    const { refused } = await writers.stop()
    expect(Object.fromEntries(refused)).toEqual({})
    expect(JSON.parse(await admin(['keys', 'list', '--json']))).toHaveLength(2)
  })
})

describe.skipIf(missing.length > 0).each([2, 4])(`%i nodes that limit rates${nowhere}`, (nodes) => {
  const site = siteFor({ nodes, env: { RATE_LIMIT: '5/s burst 20' } })

  test('share one rate for each person', async () => {
    const { base, token, organizationId } = site
    const from = performance.now()
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => call(base, token, 'list_tasks', { organizationId })),
    )
    const seconds = (performance.now() - from) / 1000
    const served = answers.filter(({ status }) => status === 200).length
    const limited = answers.filter(({ status }) => status === 429)
    expect(served + limited.length).toBe(200)
    // The call that found the organization took one of the burst.
    expect(served).toBeLessThanOrEqual(20 + Math.ceil(5 * seconds))
    expect(served).toBeGreaterThanOrEqual(10)
    expect(limited.every(({ retryAfter }) => (retryAfter ?? 0) >= 1)).toBe(true)
  })
})

describe.skipIf(missing.length > 0)(`two nodes under load${nowhere}`, () => {
  const site = siteFor({ nodes: 2, env: { RATE_LIMIT: 'off' } })

  test('nodes that are killed under load lose no acknowledged write', async () => {
    const { base, token, database, organizationId, nodes, restart } = site
    const writers = startWriters(base, token, organizationId, 8)
    for (let round = 0; round < ROUNDS; round += 1) {
      await writers.more(40)
      const victim = nodes[round % 2]
      victim?.child.kill('SIGKILL')
      await victim?.exit
      await writers.more(40)
      await restart(round % 2)
    }
    await writers.more(40)
    const writes = await writers.stop()
    await expectNoneLost(database, writes)
    figures.killedNodes = { rounds: ROUNDS, ...told(writes) }
    expectBackSoon(writes)
  })

  test('a database that crashes under load loses no acknowledged write, and no node ends', async () => {
    const { base, token, database, organizationId, nodes } = site
    const writers = startWriters(base, token, organizationId, 8)
    for (let round = 0; round < ROUNDS; round += 1) {
      await writers.more(40)
      await cluster.crash()
    }
    await writers.more(40)
    const writes = await writers.stop()
    await expectNoneLost(database, writes)
    figures.crashedDatabase = { rounds: ROUNDS, ...told(writes) }
    expect([...writes.refused.keys()].filter((status) => status !== 503)).toEqual([])
    expect(writes.withoutRetryAfter).toBe(0)
    expectBackSoon(writes)
    expect(nodes.map(({ child }) => child.exitCode)).toEqual([null, null])
  })

  test('a rolling upgrade under load refuses nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zuko-release-'))
    const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    const tarball = packed.stdout.trim().split('\n').at(-1) ?? ''
    spawnSync('tar', ['-xzf', join(folder, tarball), '-C', folder])
    spawnSync('ln', ['-s', join(ROOT, 'node_modules'), join(folder, 'package/node_modules')])
    const { base, token, database, organizationId, nodes, restart } = site
    const writers = startWriters(base, token, organizationId, 4)
    for (const index of [0, 1]) {
      await writers.more(40)
      nodes[index]?.child.kill('SIGTERM')
      await nodes[index]?.exit
      await restart(index, join(folder, 'package'))
    }
    await writers.more(40)
    const writes = await writers.stop()
    rmSync(folder, { recursive: true, force: true })
    figures.rollingUpgrade = told(writes)
    expect(Object.fromEntries(writes.refused)).toEqual({})
    await expectNoneLost(database, writes)
  })
})
