/** Several processes of the built program on one port and one store, as `--workers 2` starts them. */
import { createServer } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../../src/log.js'
import { createKeeper } from '../../src/serve/workers.js'
import { acknowledged, type Caller, createCaller } from '../faults/calls.js'
import { breakGround, type Ground, type Server } from '../faults/ground.js'
import { lookFor } from '../faults/remains.js'
import { createBrowser } from '../helpers/browser.js'
import { CALLBACK, clickThrough, logIn, newVerifier, register, tokenRequest } from '../helpers/oauth.js'
import { until } from '../helpers/processes.js'
import { program } from '../helpers/program.js'
import { ADA } from '../helpers/serving.js'

const WORKERS = ['--workers', '2']
/** Every call of these tests is Ada's: the one that uses the rate up comes late. */
const RATE = { perSecond: 1, burst: 100 }

let ground: Ground
let server: Server
let caller: Caller
let begun: number
beforeAll(async () => {
  begun = performance.now()
  ground = await breakGround()
  const env = { RATE_LIMIT: `${RATE.perSecond}/s burst ${RATE.burst}` }
  server = await ground.start({ args: WORKERS, env })
  caller = createCaller(ground.base, await ground.token())
})
afterAll(() => {
  caller.close()
  return ground.remove()
})

// biome-ignore lint/suspicious/noExplicitAny: tests reach into lines whose shape is what they assert
const logged = (msg: string): any[] =>
  server
    .logged()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((line) => line.msg === msg)
const many = <Answer>(times: number, one: () => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: times }, one))

test('share one port, and each answers', async () => {
  const answers = await many(8, () => caller.call('list_organizations'))
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200))
  expect(new Set(logged('mcp').map(({ worker }) => worker)).size).toBe(2)
})

test('spend a code once, whichever is asked', async () => {
  const { base } = ground
  const clientId = await register(base)
  const verifier = newVerifier()
  const back = await clickThrough({ base, clientId, ...ADA }, verifier)
  const form = {
    ...{ grant_type: 'authorization_code', code: back.searchParams.get('code') ?? '' },
    ...{ redirect_uri: CALLBACK, client_id: clientId, code_verifier: verifier },
  }
  const answers = await many(20, () => tokenRequest(base, form))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
})

test('give one pair for one refresh token, and end a login together', async () => {
  const { base } = ground
  const clientId = await register(base)
  const { refresh_token } = await logIn({ base, clientId, ...ADA })
  const form = { grant_type: 'refresh_token', refresh_token, client_id: clientId }
  const answers = await many(20, () => tokenRequest(base, form))
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
  const [children] = [[...new Set(answers.map(({ body }) => body.refresh_token))]]
  expect(children).toHaveLength(1)

  const own = createCaller(base, answers[0]?.body.access_token ?? '')
  const statuses = async () => (await many(8, () => own.call('list_organizations'))).map((one) => one.status)
  expect(await statuses()).toEqual(Array(8).fill(200))
  const token = children[0] ?? ''
  await createBrowser().send(`${base}/auth/oauth2/revoke`, { form: { token, client_id: clientId } })
  expect(await statuses()).toEqual(Array(8).fill(401))
  own.close()
})

test('keep one rate for each person', async () => {
  const answers = await many(300, () => caller.call('list_organizations'))
  expect(answers.every(({ status, retryAfter }) => status === 200 || Number(retryAfter) > 0)).toBe(true)
  const served = logged('mcp').filter(({ status }) => status === 200).length
  const seconds = (performance.now() - begun) / 1000
  expect(served).toBeGreaterThan(RATE.burst / 2)
  expect(served).toBeLessThanOrEqual(RATE.burst + Math.ceil(seconds * RATE.perSecond))
})

test('are replaced when they die', async () => {
  const [{ pid }] = logged('worker started')
  process.kill(pid, 'SIGKILL')
  await until(() => logged('serving').length === 3, 'another worker serves')
  expect(logged('worker ended')).toMatchObject([{ worker: 1, signal: 'SIGKILL' }])
  const probes = await many(8, () => caller.get('/readyz'))
  expect(probes.map(({ status }) => status)).toEqual(Array(8).fill(200))
})

test('take what is under way to its end at SIGTERM', async () => {
  await server.stop()
  const busy = await ground.start({ args: WORKERS })
  const token = await ground.token()
  const writes = new Map<string, number>()
  const wrong: string[] = []
  const client = async (_: unknown, name: number) => {
    const own = createCaller(ground.base, token, 1)
    for (let count = 0; ; count += 1) {
      const title = `${name} ${count}`
      const reply = await own.create(title)
      const id = acknowledged(reply)
      if (reply.half || ![0, 200, 503].includes(reply.status)) wrong.push(`${reply.status} ${reply.error}`)
      if (reply.status === 0) break
      if (id !== undefined) writes.set(title, id)
      if (writes.size === 60) busy.child.kill('SIGTERM')
    }
    own.close()
  }
  await Promise.all(Array.from({ length: 12 }, client))
  expect(await busy.ended).toBe(0)
  expect(wrong).toEqual([])
  expect(await lookFor(ground.path, writes)).toMatchObject({ lost: 0, doubled: 0, auditBroken: 0 })
})

test.each([
  ['wrong configuration', { BETTER_AUTH_SECRET: 'x'.repeat(40) }, 78],
  ['a port that is taken', {}, 1],
])('end with one line and the exit code of %s', async (_, env, code) => {
  const taken = createServer().listen(ground.port, '127.0.0.1')
  const { home } = ground
  const ended = await program(home, { ...ground.env, LOG_LEVEL: 'silent', ...env }).run(['serve', ...WORKERS])
  taken.close()
  expect([ended.code, ended.stdout]).toEqual([code, ''])
  expect(ended.stderr).toMatch(/^zuko-mcp: [^\n]+ Fix: [^\n]+\n$/)
})

test('are given up after five starts in a row that fail', async () => {
  let begun = 0
  const failed = () => {
    begun += 1
    const serving = Promise.reject(new Error(`start ${begun}`))
    serving.catch(() => {})
    const ended = Promise.resolve({ exitCode: 1, signal: null, failure: undefined })
    return { id: begun, startedAt: Number.NEGATIVE_INFINITY, serving, ended }
  }
  const keep = createKeeper(failed, createLog('silent'), new AbortController().signal)
  await expect(keep(failed())).rejects.toThrow('again and again, at last with: start 5')
})
