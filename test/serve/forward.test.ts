import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../../src/log.js'
import { createForward } from '../../src/serve/forward.js'
import { type Listening, listen, send } from '../helpers/http.js'

interface Seen {
  method: string | undefined
  url: string | undefined
  headers: IncomingHttpHeaders
  body: string
}

let authorization: Listening
let front: Listening
let seen: Seen[] = []

const forwardTo = (authUrl: string) => {
  const forward = createForward({ backendUrl: 'https://crm.example', authUrl, log: createLog('silent') })
  return listen((req, res) => void forward(req, res, () => res.writeHead(404).end('kept')))
}

beforeAll(async () => {
  authorization = await listen(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    seen.push({ method: req.method, url: req.url, headers: req.headers, body })
    res.writeHead(302, { location: '/auth/next', 'set-cookie': ['a=1', 'b=2'] }).end('forwarded')
  })
  front = await forwardTo(authorization.origin)
})
afterAll(() => Promise.all([front.close(), authorization.close()]))
beforeEach(() => {
  seen = []
})

describe('what belongs to the authorization server', () => {
  test('is forwarded with its path, body and answer unchanged', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', cookie: 'session=1' }
    const answer = await send(front.port, { path: '/auth/oauth2/token?x=%2F', headers, body: 'a=b&c=%20' })
    expect(seen).toMatchObject([
      { method: 'POST', url: '/auth/oauth2/token?x=%2F', body: 'a=b&c=%20', headers },
    ])
    expect([answer.status, answer.text]).toEqual([302, 'forwarded'])
    expect(answer.headers).toMatchObject({ location: '/auth/next', 'set-cookie': ['a=1', 'b=2'] })
  })

  test.each(['/auth', '/auth/jwks', '/.well-known/oauth-authorization-server/auth'])(
    'includes %s',
    async (path) => {
      await send(front.port, { method: 'GET', path })
      expect(seen.map(({ url }) => url)).toEqual([path])
    },
  )

  test('hears about the caller from us alone', async () => {
    const lies = {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'gopher',
      'x-forwarded-prefix': '/evil',
      'x-real-ip': '203.0.113.9',
      forwarded: 'for=203.0.113.9',
    }
    await send(front.port, { method: 'GET', path: '/auth/jwks', headers: lies })
    const [request] = seen
    expect(request?.headers).toMatchObject({
      host: new URL(authorization.origin).host,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'crm.example',
      'x-forwarded-proto': 'https',
    })
    expect(JSON.stringify(request)).not.toMatch(/203\.0\.113\.9|evil|gopher/)
  })
})

describe('what does not', () => {
  const kept = [
    '/api/mcp',
    '/',
    '/authority',
    '/.well-known/oauth-authorization-server',
    '/auth/../api/mcp',
    '/auth/..',
    '/auth/./x',
    '/auth/%2e%2E/api/mcp',
    '/auth/x%2f..%2fy',
    '/auth/..%5Capi',
    '/AUTH/jwks',
  ]
  test.each(kept)('stays here: %s', async (path) => {
    const answer = await send(front.port, { path, headers: { authorization: 'Bearer secret' } })
    expect([answer.status, answer.text]).toEqual([404, 'kept'])
    expect(seen).toEqual([])
  })
})

describe('an authorization server in trouble', () => {
  test('that is down is a 502 in one line', async () => {
    const gone = createServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const { port } = gone.address() as AddressInfo
    gone.close()
    await once(gone, 'close')
    const alone = await forwardTo(`http://127.0.0.1:${port}`)
    const answer = await send(alone.port, { method: 'GET', path: '/auth/jwks' })
    await alone.close()
    expect(answer.status).toBe(502)
    expect(answer.json()).toMatchObject({ error: 'temporarily_unavailable' })
    expect(answer.text).not.toMatch(/ECONN|\n/)
  })

  test('that hangs up is a 502', async () => {
    const rude = await listen((req) => req.socket.destroy())
    const alone = await forwardTo(rude.origin)
    const answer = await send(alone.port, { method: 'GET', path: '/auth/jwks' })
    await Promise.all([alone.close(), rude.close()])
    expect(answer.status).toBe(502)
  })
})
