import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createOriginCheck } from '../../src/serve/origin.js'
import { type Listening, listen, send } from '../helpers/http.js'

const checks = {
  loopback: createOriginCheck({
    baseUrls: ['http://localhost:3001'],
    isPublic: (path) => path === '/public',
  }),
  https: createOriginCheck({ baseUrls: ['https://crm.example'], isPublic: () => false }),
  two: createOriginCheck({
    baseUrls: ['https://crm.example', 'http://localhost:8000'],
    isPublic: () => false,
  }),
}
type Site = keyof typeof checks

let server: Listening
beforeAll(async () => {
  server = await listen((req, res) => {
    const site = String(req.headers['x-site']) as Site
    checks[site](req, res, () => res.end('passed'))
  })
})
afterAll(() => server.close())

const ask = (site: Site, headers: Record<string, string>, path = '/') => {
  const pairs = Object.entries({ 'x-site': site, ...headers }).flat()
  return send(server.port, { method: 'GET', path, headers: pairs })
}

describe('passes', () => {
  const passing: [Site, Record<string, string>, string?][] = [
    ['loopback', { host: 'localhost:3001' }],
    ['loopback', { host: 'LOCALHOST:3001' }],
    ['loopback', { host: '127.0.0.1:3001' }],
    ['loopback', { host: '[::1]:3001' }],
    ['loopback', { host: 'localhost:3001', origin: 'http://127.0.0.1:3001' }],
    ['loopback', { host: '[::1]:3001', origin: 'http://[::1]:3001' }],
    ['loopback', { host: 'localhost:3001', origin: 'https://evil.example' }, '/public'],
    ['loopback', { host: 'localhost:3001', origin: 'null' }, '/public?x=1'],
    ['https', { host: 'crm.example' }],
    ['https', { host: 'crm.example:443' }],
    ['https', { host: 'crm.example', origin: 'https://crm.example' }],
    ['two', { host: 'localhost:8000', origin: 'https://crm.example' }],
  ]
  test.each(passing)('%s %o %s', async (site, headers, path) => {
    expect((await ask(site, headers, path)).text).toBe('passed')
  })
})

describe('refuses', () => {
  const refused: [Site, Record<string, string>, string?][] = [
    ['loopback', { host: 'localhost' }],
    ['loopback', { host: 'localhost:3002' }],
    ['loopback', { host: 'localhost:03001' }],
    ['loopback', { host: 'localhost.:3001' }],
    ['loopback', { host: 'evil.example:3001' }],
    ['loopback', { host: 'localhost:3001.evil.example' }],
    ['loopback', { host: 'user@localhost:3001' }],
    ['loopback', { host: '127.0.0.2:3001' }],
    ['loopback', { host: '' }],
    ['loopback', { host: 'evil.example:3001' }, '/public'],
    ['loopback', { host: 'localhost:3001', origin: 'null' }],
    ['loopback', { host: 'localhost:3001', origin: '' }],
    ['loopback', { host: 'localhost:3001', origin: 'http://localhost:3002' }],
    ['loopback', { host: 'localhost:3001', origin: 'https://localhost:3001' }],
    ['loopback', { host: 'localhost:3001', origin: 'http://localhost:3001.evil.example' }],
    ['https', { host: 'crm.example:80' }],
    ['https', { host: 'localhost' }],
    ['https', { host: 'crm.example', origin: 'http://crm.example' }],
    ['https', { host: 'crm.example', origin: 'https://sub.crm.example' }],
    ['https', { host: 'crm.example', origin: 'https://crm.example, https://evil.example' }],
  ]
  test.each(refused)('%s %o %s', async (site, headers, path) => {
    const answer = await ask(site, headers, path)
    expect([answer.status, answer.json().error]).toEqual([403, 'forbidden'])
    expect(answer.text).not.toContain('passed')
  })

  test('on the endpoint with a JSON-RPC error', async () => {
    const answer = await ask('https', { host: 'crm.example', origin: 'https://evil.example' }, '/api/mcp')
    expect(answer.status).toBe(403)
    expect(answer.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: 403 } })
  })

  test('two Host headers', async () => {
    const headers = ['X-Site', 'https', 'Host', 'crm.example', 'host', 'evil.example']
    expect((await send(server.port, { method: 'GET', path: '/', headers })).status).toBe(400)
  })
})
