import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hear } from '../helpers/raw.js'
import { startTarget, type Target } from '../helpers/target.js'

let target: Target
beforeAll(async () => {
  target = await startTarget()
})
afterAll(() => target.close())

const EVIL = 'https://evil.example'
const PUBLIC = [
  ...['/.well-known/oauth-protected-resource/api/mcp', '/.well-known/oauth-authorization-server/auth'],
  ...['/auth/jwks', '/auth/oauth2/token', '/auth/oauth2/register', '/auth/oauth2/revoke'],
]
const PRIVATE = [
  ...['/', '/api/mcp', '/api/mcp/', '/API/MCP', '/healthz', '/readyz', '/auth/oauth2/authorize'],
  ...['/auth/sign-in', '/auth/sign-out', '/auth/consent', '/auth/get-session', '/nothing', '/AUTH/JWKS/'],
]
const METHODS = ['GET', 'POST', 'OPTIONS', 'HEAD', 'DELETE']

describe.each([...PUBLIC, ...PRIVATE])('%s', (path) => {
  const hosts = () => [
    ...['evil.example', `evil.example:${target.port}`, `127.0.0.1.evil.example:${target.port}`],
    ...[
      `localhost.evil.example:${target.port}`,
      '127.0.0.1',
      `127.0.0.1:${target.port + 1}`,
      `0:${target.port}`,
    ],
    ...[
      `2130706433:${target.port}`,
      `0.0.0.0:${target.port}`,
      `[::]:${target.port}`,
      `a@127.0.0.1:${target.port}`,
    ],
  ]

  test('answers nobody who calls it by another name', async () => {
    for (const host of hosts()) {
      for (const method of METHODS) {
        const answer = await target.ask({ method, path, headers: { host } })
        expect(answer.status, `${method} ${host}`).toBe(403)
        expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
      }
    }
  })

  test('refuses two names', async () => {
    const host = `127.0.0.1:${target.port}`
    const headers = ['Host', host, 'Host', 'evil.example']
    expect((await target.ask({ method: 'GET', path, headers })).status).toBe(400)
  })

  test('refuses an address with a name of its own', async () => {
    const host = `127.0.0.1:${target.port}`
    for (const address of [`http://evil.example${path}`, `http://${host}${path}`, `evil.example:80`]) {
      const bytes = `GET ${address} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
      expect((await hear(target.port, bytes)).statuses, address).not.toContain(200)
    }
  })
})

const preflight = (path: string, origin: string) =>
  target.ask({
    method: 'OPTIONS',
    path,
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, content-type',
    },
  })

describe('a web page of another site', () => {
  test.each(PUBLIC)('may read %s, without anybody’s cookies', async (path) => {
    for (const method of ['GET', 'POST']) {
      const { headers } = await target.ask({ method, path, headers: { origin: EVIL } })
      expect(headers['access-control-allow-origin']).toBe('*')
      expect(headers).not.toHaveProperty('access-control-allow-credentials')
    }
    const { status, headers } = await preflight(path, EVIL)
    expect([status, headers['access-control-allow-origin']]).toEqual([204, '*'])
    expect(headers).not.toHaveProperty('access-control-allow-credentials')
  })

  test.each(PRIVATE)('may not touch %s', async (path) => {
    for (const origin of [EVIL, 'null', 'http://127.0.0.1', `http://127.0.0.1:${target.port}.evil.example`]) {
      for (const method of METHODS) {
        const answer = await target.ask({ method, path, headers: { origin } })
        expect(answer.status, `${method} ${origin}`).toBe(403)
      }
      const { status, headers } = await preflight(path, origin)
      expect(status).toBe(403)
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })

  test('gets no leave from the endpoint even under its own name', async () => {
    const { status, headers } = await preflight('/api/mcp', target.base)
    expect([status, headers.allow]).toEqual([405, 'POST'])
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})
