// One proxy process's login, driven by lines on stdin: `node login-process.mjs BUILD OPTIONS`.
// `call` calls the server as the relay does, `token` asks for the token at hand, `logout` signs out as the command
// does, `close` ends the session.
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const [, , build, given] = process.argv
const { openSession } = await import(pathToFileURL(`${build}/proxy/session.js`).href)
const { url, later = 0, ...options } = JSON.parse(given)
const settings = {
  profile: 'default',
  browser: true,
  clientCredentials: false,
  device: false,
  headers: {},
  authTimeoutMs: 30_000,
  now: () => Date.now() + later,
  fetch,
  say: () => {},
  ...options,
  url: new URL(url),
}
const session = openSession(settings)
const tell = (event) => process.stdout.write(`${JSON.stringify(event)}\n`)
session.onLogin(() => tell({ login: true }))

async function call(token) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
  })
  return { status: response.status, wwwAuthenticate: response.headers.get('www-authenticate') ?? undefined }
}

const actions = {
  token: async () => tell({ token: (await session.token()) ?? null }),
  call: async () => {
    const token = await session.token()
    const { status, wwwAuthenticate } = await call(token)
    if (status === 200) return tell({ status })
    const outcome = await session.challenged({ status, wwwAuthenticate, token })
    if (outcome.kind === 'sign-in') tell({ signIn: outcome.url })
    if (outcome.kind === 'failed') return tell({ failed: outcome.message })
    const renewed = outcome.kind === 'token' ? outcome.token : await outcome.done
    tell({ status: (await call(renewed)).status })
  },
  logout: async () => {
    const { logoutCommand } = await import(pathToFileURL(`${build}/proxy/commands/logout.js`).href)
    tell({ logout: (await logoutCommand(settings)).data })
  },
  close: async () => {
    await session.close()
    lines.close()
  },
}

const lines = createInterface({ input: process.stdin })
lines.on('line', (line) => {
  actions[line]().catch((error) => tell({ failed: error.message }))
})
tell({ ready: true })
