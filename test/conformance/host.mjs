#!/usr/bin/env node
/**
 * A host for the official conformance suite: it speaks MCP on the stdio of `zuko-mcp proxy` and has it talk to the
 * suite's server. The suite gives the server's address as the last argument, the scenario and the revision in
 * MCP_CONFORMANCE_* variables. Everything a scenario asks of a host is here: list, call, echo; what it checks of a
 * client (headers, discovery, login, scopes) is the proxy's.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const url = process.argv.at(-1)
const { MCP_CONFORMANCE_SCENARIO: scenario = '', MCP_CONFORMANCE_CONTEXT: context = '{}' } = process.env
const version = process.env.MCP_CONFORMANCE_PROTOCOL_VERSION ?? '2025-11-25'
const modern = version >= '2026'
const given = JSON.parse(context)
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'zuko-conformance-'))

/** Flags that a person would give for this server. */
function flags() {
  const all = ['--store', 'file']
  if (/^auth\//.test(scenario) && !given.client_id) {
    all.push('--client-metadata-url', 'https://conformance-test.local/client-metadata.json')
  }
  if (given.client_id) all.push('--client-id', given.client_id)
  const secret = given.client_secret ?? given.private_key_pem
  if (secret) {
    writeFileSync(join(folder, 'secret'), secret, { mode: 0o600 })
    all.push('--client-secret-file', join(folder, 'secret'))
  }
  if (scenario.startsWith('auth/client-credentials')) all.push('--client-credentials')
  return all
}

/** A browser whose person agrees at once: it follows redirects until one leads to the waiting proxy. */
const browser = join(folder, 'xdg-open')
writeFileSync(
  browser,
  `#!${process.execPath}\nfetch(process.argv[2]).then((answer) => answer.text(), () => {})\n`,
  { mode: 0o755 },
)

const proxy = spawn(process.execPath, [join(root, 'bin', 'zuko-mcp.js'), 'proxy', url, ...flags()], {
  stdio: ['pipe', 'pipe', 'inherit'],
  env: {
    ...process.env,
    PATH: `${folder}:${process.env.PATH}`,
    DISPLAY: ':0',
    HOME: folder,
    XDG_DATA_HOME: folder,
  },
})
const waiting = new Map()
createInterface({ input: proxy.stdout }).on('line', (line) => {
  const message = JSON.parse(line)
  if (message.method === 'elicitation/create') write({ id: message.id, result: filled(message.params) })
  else waiting.get(message.id)?.(message)
})

/** What a person sends who accepts a form as it stands: its defaults, and yes where nothing else is proposed. */
function filled({ requestedSchema: { properties = {} } = {} } = {}) {
  const values = Object.entries(properties).map(([name, { default: proposed = true }]) => [name, proposed])
  return { action: 'accept', content: Object.fromEntries(values) }
}

let lastId = 0
const envelope = () => ({
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientInfo': { name: 'zuko-conformance-host', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
})
const write = (message) => proxy.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const send = (method, params) =>
  new Promise((resolve) => {
    lastId += 1
    waiting.set(lastId, resolve)
    write({ id: lastId, method, params: modern ? { ...params, _meta: envelope() } : params })
  })

/** Sends a request as a modern host does: again where the server refused the revision but also speaks it. */
async function answer(method, params = {}) {
  const reply = await send(method, params)
  const negotiates = reply.error?.code === -32022 && reply.error.data?.supported?.includes(version)
  return negotiates ? send(method, params) : reply
}

/** Calls a tool, and answers what it asks on the way (multi round-trip requests, 2026-07-28). */
async function callTool(call, rounds = 3) {
  const reply = await answer('tools/call', call)
  const { resultType, inputRequests = {}, requestState } = reply.result ?? {}
  if (resultType !== 'input_required' || rounds === 0) return reply
  const inputResponses = Object.fromEntries(
    Object.entries(inputRequests).map(([key, { params }]) => [key, filled(params)]),
  )
  const { inputResponses: _, requestState: __, ...first } = call
  const next = { ...first, inputResponses, ...(requestState === undefined ? {} : { requestState }) }
  return callTool(next, rounds - 1)
}

async function request(method, params) {
  const { result, error } = await answer(method, params)
  if (error) throw new Error(`${method}: ${error.code} ${error.message}`)
  return result
}

async function greet() {
  if (modern) return request('server/discover')
  const clientInfo = { name: 'zuko-conformance-host', version: '1.0.0' }
  await request('initialize', { protocolVersion: version, capabilities: { elicitation: {} }, clientInfo })
  write({ method: 'notifications/initialized' })
}

/** Arguments that fit a tool's schema, as far as the suite's tools need them; its hints of what to send come first. */
function argumentsFor(tool) {
  const hinted = given.toolCalls?.find(({ name }) => name === tool.name)?.arguments
  if (hinted) return hinted
  const samples = { string: 'text', number: 5, integer: 5, boolean: true, object: {}, array: [], null: null }
  const { properties = {}, required = Object.keys(properties) } = tool.inputSchema
  return Object.fromEntries(required.map((name) => [name, samples[properties[name]?.type] ?? 'text']))
}

async function play() {
  await greet()
  const listOnly = ['json-schema-ref-no-deref', 'request-metadata'].includes(scenario)
  const { tools = [] } = await request('tools/list')
  if (listOnly) return
  if (scenario === 'json-schema-2020-12-preservation') {
    const focal = tools.find(({ name }) => name === 'json_schema_2020_12_tool')
    await request('tools/call', { name: 'json_schema_echo', arguments: { schema: focal.inputSchema } })
    return
  }
  if (scenario.startsWith('auth/')) {
    await request('tools/call', { name: 'test-tool', arguments: {} })
    // Here the authorization server changes after the first call.
    if (scenario.endsWith('migration')) await request('tools/call', { name: 'test-tool', arguments: {} })
    return
  }
  const calls = given.toolCalls ?? tools.map((tool) => ({ name: tool.name, arguments: argumentsFor(tool) }))
  for (const call of calls) await callTool(call)
}

try {
  await play()
} catch (error) {
  console.error(`host: ${error.message}`)
  process.exitCode = 1
} finally {
  proxy.stdin.end()
  proxy.once('exit', () => rmSync(folder, { recursive: true, force: true }))
}
