import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CALLBACK, clickThroughFrom } from '../helpers/oauth.js'
import { PASSWORD, type Served, serveAll, twoPeople } from '../helpers/serve.js'

let served: Served
let ids: Awaited<ReturnType<typeof twoPeople>>
beforeAll(async () => {
  served = await serveAll()
  ids = await twoPeople(served)
})
afterAll(() => served.close())

/** What an SDK client asks of its host: places to keep things, and a browser to send the person to. */
function hostFor(email: string) {
  const kept: Record<string, unknown> = {}
  let opened: URL | undefined
  const keep = (name: string, value: unknown) => {
    kept[name] = value
  }
  return {
    redirectUrl: CALLBACK,
    clientMetadata: {
      client_name: 'SDK client',
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    state: () => 'state-of-the-host',
    clientInformation: () => kept.client as never,
    saveClientInformation: (client: unknown) => keep('client', client),
    tokens: () => kept.tokens as never,
    saveTokens: (tokens: unknown) => keep('tokens', tokens),
    codeVerifier: () => kept.verifier as string,
    saveCodeVerifier: (verifier: string) => keep('verifier', verifier),
    discoveryState: () => kept.discovery as never,
    saveDiscoveryState: (state: unknown) => keep('discovery', state),
    redirectToAuthorization: (url: URL) => {
      opened = url
    },
    /** The person signs in and approves; answers the query that the callback would get. */
    async person(): Promise<URLSearchParams> {
      if (!opened) throw new Error('the client opened no browser')
      const back = await clickThroughFrom(opened.href, { base: served.base, email, password: PASSWORD })
      return back.searchParams
    },
  }
}

interface Result {
  content: { type: string; text: string }[]
  structuredContent: Record<string, unknown>
  isError?: boolean
}

interface Calling {
  listTools(): Promise<{ tools: { name: string }[] }>
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>
  close(): Promise<void>
}

async function loggedInV1(): Promise<Calling> {
  const host = hostFor('ada@example.com')
  const transport = () => new TransportV1(new URL(`${served.base}/api/mcp`), { authProvider: host })
  const first = transport()
  await expect(new ClientV1({ name: 'v1', version: '1' }).connect(first)).rejects.toThrow('Unauthorized')
  await first.finishAuth((await host.person()).get('code') ?? '')
  const client = new ClientV1({ name: 'v1', version: '1' })
  await client.connect(transport())
  return client
}

async function loggedInV2(mode: 'legacy' | 'auto'): Promise<Calling> {
  const host = hostFor('ada@example.com')
  const transport = () => new TransportV2(new URL(`${served.base}/api/mcp`), { authProvider: host })
  const first = transport()
  const options = { versionNegotiation: { mode } }
  await expect(new ClientV2({ name: 'v2', version: '1' }, options).connect(first)).rejects.toThrow()
  await first.finishAuth(await host.person())
  const client = new ClientV2({ name: 'v2', version: '1' }, options)
  await client.connect(transport())
  return client
}

describe.each([
  ['the v1 SDK client', loggedInV1],
  ['the v2 SDK client in the legacy era', () => loggedInV2('legacy')],
  ['the v2 SDK client in the modern era', () => loggedInV2('auto')],
])('%s', (_name, logIn) => {
  let client: Calling
  beforeAll(async () => {
    client = await logIn()
  })
  afterAll(() => client.close())
  const call = async (name: string, args: Record<string, unknown> = {}) =>
    (await client.callTool({ name, arguments: args })) as Result

  test('lists the five tools in order', async () => {
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual([
      'list_organizations',
      'list_tasks',
      'get_task',
      'create_task',
      'update_task',
    ])
  })

  test('calls every tool, and what it writes is what it reads', async () => {
    const organizations = await call('list_organizations')
    const acme = { id: ids.acme, name: 'Acme', slug: 'acme', role: 'owner' }
    expect(JSON.parse(organizations.content[0]?.text ?? '')).toEqual([acme])
    expect(organizations.structuredContent).toEqual({ organizations: [acme] })

    const description = {
      type: 'doc',
      content: [{ type: 'paragraph', text: 'Ring “them” — ☎' }],
      n: [1, [2, [null]]],
    }
    const created = await call('create_task', { title: ' Call the supplier ', description, assignee: 'me' })
    const { id, updatedAt } = created.structuredContent as { id: number; updatedAt: string }
    expect(created.structuredContent).toMatchObject({
      title: 'Call the supplier',
      description,
      assignee: 'ada@example.com',
      owners: [{ id: ids.ada }],
    })

    const updated = await call('update_task', { taskId: id, status: 'DONE', expectedUpdatedAt: updatedAt })
    expect(updated.structuredContent).toMatchObject({
      noop: false,
      changed: { status: { from: 'TODO', to: 'DONE' } },
      completedAt: null,
    })

    const shown = await call('get_task', { taskId: id })
    expect(shown.structuredContent).toMatchObject({ id, status: 'DONE', description })
    expect(JSON.parse(shown.content[0]?.text ?? '')).toEqual(shown.structuredContent)

    const listed = await call('list_tasks', { status: 'DONE' })
    expect(listed.structuredContent.tasks).toContainEqual(
      expect.objectContaining({ id, organizationName: 'Acme' }),
    )
    expect(JSON.parse(listed.content[0]?.text ?? '')).toEqual(listed.structuredContent.tasks)
  })

  test("another organization's task and one that never was get the same answer", async () => {
    const made = await served.store.tasks.create(
      { userId: ids.bob, clientId: 'x', requestId: 'x', at: Date.now() },
      {
        organizationId: ids.blue,
        title: 'blue secret',
        description: null,
        status: 'TODO',
        assignee: null,
        parentTaskId: null,
      },
    )
    if (made.kind !== 'created') throw new Error(made.kind)
    const foreign = await call('get_task', { taskId: made.task.id })
    const missing = await call('get_task', { taskId: 2_000_000_000 })
    expect(foreign.isError).toBe(true)
    expect(JSON.stringify(foreign)).not.toContain('blue secret')
    expect(JSON.stringify(foreign).replaceAll(String(made.task.id), 'N')).toBe(
      JSON.stringify(missing).replaceAll('2000000000', 'N'),
    )
  })
})
