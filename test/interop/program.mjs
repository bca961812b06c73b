/**
 * A program of the kind that people write with an SDK: `program.mjs KIND URL`, or `program.mjs KIND COMMAND ARG…` for
 * a server on stdio. Each line on stdin is something to do, each line on stdout how it went.
 */
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { auth, createMCPClient } from '@ai-sdk/mcp'
import { StdioMCPTransport } from '@ai-sdk/mcp/mcp-stdio'
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client'
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

const [kind, target, ...args] = process.argv.slice(2)
const overHttp = /^https?:/.test(target)
const info = { name: `interop-${kind}`, version: '1.0.0' }

/** Where the browser comes back to. */
const callback = createServer()
const returned = new Promise((resolve) => {
  callback.on('request', (req, res) => {
    const { pathname, searchParams } = new URL(req.url, 'http://127.0.0.1')
    res.end('You may close this window.')
    if (pathname === '/callback') resolve(searchParams)
  })
})
await new Promise((resolve) => callback.listen(0, '127.0.0.1', resolve))
const redirectUrl = `http://127.0.0.1:${callback.address().port}/callback`

/** What every SDK asks of its program: places to keep things, and a browser. */
const kept = {}
const keep = (name) => (value) => {
  kept[name] = value
}
const recall = (name) => () => kept[name]
const authProvider = {
  redirectUrl,
  clientMetadata: {
    client_name: info.name,
    redirect_uris: [redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  state: () => 'a-state-of-this-program',
  saveState: keep('state'),
  storedState: recall('state'),
  clientInformation: recall('client'),
  saveClientInformation: keep('client'),
  isClientInformationDynamicallyRegistered: () => true,
  authorizationServerInformation: recall('server'),
  saveAuthorizationServerInformation: keep('server'),
  discoveryState: recall('discovery'),
  saveDiscoveryState: keep('discovery'),
  tokens: recall('tokens'),
  saveTokens: keep('tokens'),
  codeVerifier: recall('verifier'),
  saveCodeVerifier: keep('verifier'),
  redirectToAuthorization: (url) => void spawn('xdg-open', [url.href], { stdio: 'ignore' }),
}

/** The code that the browser came back with. @throws what the authorization server said instead */
async function code() {
  const back = await returned
  if (back.has('error')) throw new Error(`${back.get('error')}: ${back.get('error_description')}`)
  return back.get('code')
}

const stdio = { command: target, args, env: { ...process.env } }

async function v1() {
  const transport = () => (overHttp ? new HttpV1(new URL(target), { authProvider }) : new StdioV1(stdio))
  const first = transport()
  let client = new ClientV1(info)
  try {
    await client.connect(first)
  } catch (error) {
    if (error.constructor.name !== 'UnauthorizedError') throw error
    await first.finishAuth(await code())
    client = new ClientV1(info)
    await client.connect(transport())
  }
  return client
}

async function v2(mode) {
  const transport = () => (overHttp ? new HttpV2(new URL(target), { authProvider }) : new StdioV2(stdio))
  const open = () => new ClientV2(info, { versionNegotiation: { mode } })
  const first = transport()
  let client = open()
  try {
    await client.connect(first)
  } catch (error) {
    if (!overHttp || !kept.verifier) throw error
    await first.finishAuth(await returned)
    client = open()
    await client.connect(transport())
  }
  return client
}

async function aiSdk() {
  const open = () =>
    createMCPClient({
      name: info.name,
      transport: overHttp ? { type: 'http', url: target, authProvider } : new StdioMCPTransport(stdio),
    })
  try {
    return await open()
  } catch (error) {
    if (!overHttp || !kept.verifier) throw error
    const authorizationCode = await code()
    const back = await returned
    const callbackIssuer = back.get('iss') ?? undefined
    await auth(authProvider, {
      serverUrl: target,
      authorizationCode,
      callbackState: back.get('state'),
      callbackIssuer,
    })
    return await open()
  }
}

const KINDS = { v1, 'v2-modern': () => v2('auto'), 'v2-legacy': () => v2('legacy'), 'ai-sdk': aiSdk }

let client
const DEEDS = {
  async login() {
    client = await KINDS[kind]()
    return 'connected'
  },
  list: async () => (await client.listTools()).tools.map(({ name }) => name),
  call: async ({ tool, args: given }) =>
    (await client.callTool({ name: tool, arguments: given })).content[0].text,
}

for await (const line of createInterface({ input: process.stdin })) {
  const wish = JSON.parse(line)
  const answer = await DEEDS[wish.do](wish).then(
    (done) => ({ done }),
    (error) => ({ failed: error.message }),
  )
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
process.exit()
