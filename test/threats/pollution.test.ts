import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../helpers/processes.js'
import { freePort, program, type Started } from '../helpers/program.js'
import { fuzz } from './fuzz.js'

/** Nothing can be added to what every object, list and function inherits, and nobody reaches it by __proto__. */
const SEALED = [
  '--disable-proto=throw',
  '--import data:text/javascript,[Object,Array,Function].forEach(({prototype})=>Object.preventExtensions(prototype))',
].join(' ')

let home: string
let base: string
let token: string
let served: Started
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'zuko-sealed-'))
  base = `http://localhost:${await freePort()}`
  const { start, succeed } = program(home, { BACKEND_URL: base, LOG_LEVEL: 'error' })
  await succeed(['admin', 'seed', '--demo'])
  token = await succeed(['admin', 'token', '--as', 'ada@example.com'])
  served = start(['serve'], { NODE_OPTIONS: SEALED, TRUST_PROXY: '1', RATE_LIMIT: 'off' })
  await until(
    () =>
      fetch(`${base}/readyz`)
        .then(({ ok }) => ok)
        .catch(() => false),
    'the server was ready',
  )
})
afterAll(async () => {
  served.child.kill('SIGTERM')
  await served.ended
  rmSync(home, { recursive: true, force: true })
})

const post = (path: string, body: string, type = 'application/json') =>
  fetch(base + path, {
    method: 'POST',
    headers: { 'content-type': type, authorization: `Bearer ${token}`, 'sec-fetch-site': 'same-origin' },
    body,
  })
const POLLUTIONS = ['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}']

test('a server whose prototypes are sealed stores and answers the awkward keys like any', async () => {
  for (const description of POLLUTIONS) {
    const params = `{"name":"create_task","arguments":{"title":"T","organizationId":1,"description":${description}}}`
    const answer = await post('/api/mcp', `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`)
    expect(await answer.text()).toContain(`"description":${description}`)
  }
})

test('and refuses them everywhere else, without a fault', async () => {
  for (const pollution of POLLUTIONS) {
    const places = [
      `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":${pollution}}`,
      `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":${pollution}}}`,
      `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":${pollution},"clientInfo":{"name":"a","version":"1"}}}`,
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tasks","arguments":${pollution}}}`,
      pollution,
    ]
    for (const body of places) expect((await post('/api/mcp', body)).status).toBeLessThan(500)
    expect((await post('/auth/oauth2/register', pollution)).status).toBe(400)
  }
  const forms = ['__proto__[polluted]=1', '__proto__=1', 'constructor[prototype][polluted]=1']
  for (const form of forms) {
    for (const path of ['/auth/oauth2/token', '/auth/sign-in', '/auth/consent']) {
      const answer = await post(path, form, 'application/x-www-form-urlencoded')
      expect(answer.status).toBeLessThan(500)
    }
    expect((await fetch(`${base}/auth/oauth2/authorize?${form}`)).status).toBe(400)
  }
})

test('and stands 500 generated requests', async () => {
  const figures = await fuzz({ requests: 500, seed: 44, baseUrl: base, tokens: async () => [token] })
  expect(figures).toMatchObject({ requests: 500, crashes: 0, faults: [] })
  expect(served.child.exitCode).toBeNull()
})
