import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import * as selfsigned from 'selfsigned'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBrowser } from '../helpers/browser.js'
import { temporaryFolder } from '../helpers/folder.js'
import { hasNginx, type Nginx, startNginx } from '../helpers/nginx.js'
import { ALL_SCOPES, logIn, register } from '../helpers/oauth.js'
import { freePort } from '../helpers/program.js'
import { PASSWORD, type Served, serveAll, twoPeople } from '../helpers/serve.js'
import { ROOT } from '../helpers/sources.js'

const example = readFileSync(join(ROOT, 'docs', 'deploy', 'nginx.conf'), 'utf8')

/** Each part of the example that names a place is put where the test is; the rest is what people copy. */
function moved(text: string, changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((rest, [from, to]) => {
    if (!rest.includes(from)) throw new Error(`docs/deploy/nginx.conf has no "${from}"`)
    return rest.replaceAll(from, to)
  }, text)
}

describe.skipIf(!hasNginx())('docs/deploy/nginx.conf (skipped where nginx is not installed)', () => {
  const folder = temporaryFolder()
  let served: Served
  let nginx: Nginx
  let base: string
  let plainPort: number
  let token: string

  beforeAll(async () => {
    const { private: key, cert } = await selfsigned.generate([{ name: 'commonName', value: 'localhost' }])
    const [tlsPort, plain] = [await freePort(), await freePort()]
    base = `https://localhost:${tlsPort}`
    plainPort = plain
    served = await serveAll({ backendUrl: base, trustProxy: 1 })
    await twoPeople(served)
    nginx = await startNginx(
      moved(example, [
        ['server 127.0.0.1:3001;', `server 127.0.0.1:${new URL(served.base).port};`],
        ['listen 80;', `listen 127.0.0.1:${plainPort};`],
        ['listen 443 ssl;', `listen 127.0.0.1:${tlsPort} ssl;`],
        ['crm.example.com;', 'localhost;'],
        ['/etc/letsencrypt/live/crm.example.com/fullchain.pem', folder.file('cert.pem', cert)],
        ['/etc/letsencrypt/live/crm.example.com/privkey.pem', folder.file('key.pem', key)],
      ]),
    )
    // The certificate is of the test's own making; nothing else is asked for over TLS here.
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    await listening()
  })

  afterAll(async () => {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    const complaints = await nginx.stop()
    await served.close()
    folder.remove()
    expect(complaints.split('\n').filter((line) => /\[(emerg|alert|crit|error)\]/.test(line))).toEqual([
      expect.stringContaining('client intended to send too large body'),
    ])
  })

  /** One request to nginx. */
  const send = (path: string, headers: Record<string, string> = {}, body?: string) =>
    new Promise<{ status: number; type: string; text: string }>((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST'
      const sent = { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
      const outgoing = request(`${base}${path}`, { method, headers: sent, agent: false }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? '', text }),
        )
      })
      outgoing.on('error', reject)
      outgoing.end(body)
    })

  /** Until nginx takes connections. */
  async function listening(): Promise<void> {
    for (let left = 100; left > 0; left--) {
      const up = await send('/healthz').then(
        ({ status }) => status === 200,
        () => false,
      )
      if (up) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`nginx did not start: ${await nginx.stop()}`)
  }

  const call = (name: string, args: object) =>
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } })

  test('a person signs in through it, and the token that comes of it calls a tool', async () => {
    const clientId = await register(base)
    const tokens = await logIn({ base, clientId, email: 'ada@example.com', password: PASSWORD })
    for (const scope of ALL_SCOPES.split(' ')) expect(tokens.scope).toContain(scope)
    token = tokens.access_token
    const headers = { authorization: `Bearer ${token}` }
    const { status, text } = await send('/api/mcp', headers, call('create_task', { title: 'Through nginx' }))
    expect(status).toBe(200)
    expect(JSON.parse(text).result.structuredContent).toMatchObject({ title: 'Through nginx' })
  })

  test('who asks without a token is led to the public address', async () => {
    const { status } = await send('/api/mcp', {}, call('list_tasks', {}))
    expect(status).toBe(401)
    const metadata = JSON.parse((await send('/.well-known/oauth-protected-resource/api/mcp')).text)
    expect(metadata).toMatchObject({ resource: `${base}/api/mcp`, authorization_servers: [`${base}/auth`] })
  })

  test('the sign-in cookie is for TLS alone', async () => {
    const clientId = await register(base)
    const answer = await createBrowser().open(
      `${base}/auth/oauth2/authorize?client_id=${clientId}&response_type=code`,
    )
    for (const cookie of [answer.headers['set-cookie'] ?? []].flat()) expect(cookie).toMatch(/;\s*secure/i)
  })

  test('what a caller claims to be is not believed, what nginx says of it is', async () => {
    const claimed = { 'x-forwarded-for': '203.0.113.7', authorization: 'Bearer x' }
    await send('/auth/oauth2/token', claimed, '{}')
    expect(served.logged()).toContain('"127.0.0.1"')
    expect(served.logged()).not.toContain('203.0.113.7')
  })

  test('a body that is too large is refused by zuko-mcp in words of the protocol', async () => {
    const headers = { authorization: `Bearer ${token}` }
    const { status, type, text } = await send(
      '/api/mcp',
      headers,
      call('create_task', { title: 'x'.repeat(400_000) }),
    )
    expect([status, type]).toEqual([413, expect.stringContaining('application/json')])
    expect(JSON.parse(text).error.message).toContain('256 KiB')
  })

  test('one that is far too large gets no further than nginx', async () => {
    const { status, type } = await send('/api/mcp', {}, 'x'.repeat(2_000_000))
    expect([status, type]).toEqual([413, 'text/html'])
  })

  test('a header as long as zuko-mcp takes comes through', async () => {
    const { status } = await send('/api/mcp', { authorization: `Bearer ${'x'.repeat(12_000)}` }, '{}')
    expect(status).toBe(401)
  })

  test('plain HTTP is sent to TLS with its method', async () => {
    const { status, headers } = await fetch(`http://localhost:${plainPort}/api/mcp?x=1`, {
      method: 'POST',
      redirect: 'manual',
    })
    expect([status, headers.get('location')]).toEqual([308, 'https://localhost/api/mcp?x=1'])
  })
})
