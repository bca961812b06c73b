import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client as ClientV2 } from '@modelcontextprotocol/client'
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Built, copyProgram } from '../helpers/built.js'
import { type SdkServer, sdkLegacyServer, sdkModernServer } from '../helpers/sdk-servers.js'

/** Official clients and servers that share no revision of the protocol, with the real bridge between them. */

let built: Built
let home: string
beforeAll(() => {
  built = copyProgram()
})
afterAll(() => built.remove())
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'zuko-home-'))
  return () => rmSync(home, { recursive: true, force: true })
})

const INFO = { name: 'host', version: '1.0.0' }
const CAPABILITIES = { elicitation: { form: {} }, sampling: {}, roots: {} }
const MODEL = {
  role: 'assistant' as const,
  model: 'm',
  content: { type: 'text' as const, text: 'Hello, Ada' },
}
const ROOTS = { roots: [{ uri: 'file:///work' }] }

const bridgeTo = ({ url }: SdkServer) => ({
  command: process.execPath,
  args: [built.bin, 'proxy', url.href, '--no-browser'],
  env: { HOME: home, XDG_DATA_HOME: home, PATH: process.env.PATH ?? '' },
})

/** What the tools' first question is answered with. */
type Person = () => { action: 'accept' | 'decline'; content?: Record<string, string> }
const ada: Person = () => ({ action: 'accept', content: { name: 'Ada' } })
const nobody: Person = () => ({ action: 'decline' })

interface Host {
  call(name: string): Promise<string>
  /** Resolves when the list of tools is said to have changed. */
  changed: Promise<void>
  close(): Promise<void>
}

const textOf = (result: unknown): string => (result as { content: { text: string }[] }).content[0]?.text ?? ''

async function hostV1(server: SdkServer, person: Person, capabilities = CAPABILITIES): Promise<Host> {
  const client = new ClientV1(INFO, { capabilities })
  if ('elicitation' in capabilities) client.setRequestHandler(ElicitRequestSchema, async () => person())
  if ('sampling' in capabilities) client.setRequestHandler(CreateMessageRequestSchema, async () => MODEL)
  if ('roots' in capabilities) client.setRequestHandler(ListRootsRequestSchema, async () => ROOTS)
  const changed = new Promise<void>((resolve) =>
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => resolve()),
  )
  await client.connect(new StdioV1(bridgeTo(server)))
  await client.listTools()
  return {
    call: async (name) => textOf(await client.callTool({ name, arguments: {} })),
    changed,
    close: () => client.close(),
  }
}

async function hostV2(
  server: SdkServer,
  person: Person,
  capabilities = CAPABILITIES,
  mode: 'legacy' | { pin: string } = { pin: '2026-07-28' },
): Promise<Host> {
  let tell = () => {}
  const changed = new Promise<void>((resolve) => {
    tell = resolve
  })
  const client = new ClientV2(INFO, {
    capabilities,
    versionNegotiation: { mode },
    listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => tell() } },
  })
  if ('elicitation' in capabilities) client.setRequestHandler('elicitation/create', async () => person())
  if ('sampling' in capabilities) client.setRequestHandler('sampling/createMessage', async () => MODEL)
  if ('roots' in capabilities) client.setRequestHandler('roots/list', async () => ROOTS)
  await client.connect(new StdioV2(bridgeTo(server)))
  await client.listTools()
  return {
    call: async (name) => textOf(await client.callTool({ name, arguments: {} })),
    changed,
    close: () => client.close(),
  }
}

const hostV2Legacy: typeof hostV1 = (server, person, capabilities) =>
  hostV2(server, person, capabilities, 'legacy')

const NO_SAMPLING = { elicitation: { form: {} } } as unknown as typeof CAPABILITIES

describe.each([
  ['the v1 SDK client and a v2 SDK server of 2026-07-28', hostV1, sdkModernServer],
  ['the v2 SDK client in the legacy era and a v2 SDK server of 2026-07-28', hostV2Legacy, sdkModernServer],
  ['the v2 SDK client of 2026-07-28 and a v1 SDK server', hostV2, sdkLegacyServer],
])('%s', (_, openHost, openServer) => {
  let server: SdkServer
  beforeAll(async () => {
    server = await openServer()
  })
  afterAll(() => server.close())

  test('a tool asks a person, then a model and the roots', async () => {
    const host = await openHost(server, ada)
    const greeting = await host.call('greet')
    expect(greeting).toMatch(/^Ada: /)
    expect(greeting).toContain('Hello, Ada')
    expect(greeting).toContain('file:///work')
    await host.close()
  })

  test('a tool hears that the person declines', async () => {
    const host = await openHost(server, nobody)
    expect(await host.call('greet')).toBe('Nobody to greet.')
    await host.close()
  })

  test('a host hears that the list of tools has changed', async () => {
    const host = await openHost(server, ada)
    const timer = setInterval(server.change, 50)
    await host.changed
    clearInterval(timer)
    await host.close()
  })

  test('calls in flight keep their answers apart', async () => {
    let count = 0
    const host = await openHost(server, () => {
      count += 1
      return { action: 'accept', content: { name: `Ada${count}` } }
    })
    const greetings = await Promise.all(Array.from({ length: 8 }, () => host.call('greet')))
    expect(new Set(greetings.map((greeting) => greeting.split(':', 1)[0])).size).toBe(8)
    await host.close()
  })

  test('a host that cannot be asked hears so', async () => {
    const host = await openHost(server, ada, NO_SAMPLING)
    const said = await host.call('greet').catch((error: Error) => error.message)
    expect(said).toMatch(/sampling|-32601|declare|support/i)
    await host.close()
  })
})

test('a v1 SDK server asks the v2 SDK client on its own stream', async () => {
  const server = await sdkLegacyServer()
  const host = await hostV2(server, ada)
  expect(await host.call('greet-aside')).toBe('accept Ada')
  await host.close()
  await server.close()
})
