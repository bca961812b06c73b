import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createBrowser } from '../helpers/browser.js'
import { logIn, register, tokenRequest } from '../helpers/oauth.js'
import { PASSWORD, serveAll, twoPeople } from '../helpers/serve.js'

const folder = mkdtempSync(join(tmpdir(), 'zuko-restart-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('clients, keys and grants survive a restart', async () => {
  const path = join(folder, 'restart.db')
  const first = await serveAll({ database: path })
  await twoPeople(first)
  const clientId = await register(first.base)
  const who = { clientId, email: 'ada@example.com', password: PASSWORD }
  const tokens = await logIn({ base: first.base, ...who })
  const keys = (await createBrowser().send(`${first.base}/auth/jwks`)).body
  await first.close()

  const second = await serveAll({ database: path, base: first.base })
  expect((await createBrowser().send(`${second.base}/auth/jwks`)).body).toBe(keys)
  const call = await createBrowser().send(`${second.base}/api/mcp`, {
    headers: { authorization: `Bearer ${tokens.access_token}`, accept: 'application/json' },
    json: { jsonrpc: '2.0', id: 1, method: 'tools/list' },
  })
  expect(call.status).toBe(200)
  const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, client_id: clientId }
  expect((await tokenRequest(second.base, form)).status).toBe(200)
  expect((await logIn({ base: second.base, ...who })).access_token).toBeTruthy()
  await second.close()
})

test('a client that registered under another BACKEND_URL still logs in', async () => {
  const path = join(folder, 'moved.db')
  const first = await serveAll({ database: path })
  await twoPeople(first)
  const clientId = await register(first.base)
  await first.close()
  const moved = await serveAll({ database: path })
  const tokens = await logIn({ base: moved.base, clientId, email: 'ada@example.com', password: PASSWORD })
  expect(tokens.access_token).toBeTruthy()
  await moved.close()
})

test('refuses to start with another secret than the one that the keys were encrypted with', async () => {
  const path = join(folder, 'secret.db')
  await (await serveAll({ database: path })).close()
  const other = serveAll({ database: path, secret: 'another secret, just as long as the first one' })
  await expect(other).rejects.toMatchObject({
    code: 'CONFIGURATION',
    fix: expect.stringContaining('BETTER_AUTH_SECRET'),
  })
})
