import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startEndpoint, type TestEndpoint } from '../helpers/endpoint.js'

let at: TestEndpoint
beforeAll(async () => {
  at = await startEndpoint()
})
afterAll(() => at.close())

const NAMES = ['list_organizations', 'list_tasks', 'get_task', 'create_task', 'update_task']
const options = async () => ({
  requestInit: { headers: { Authorization: `Bearer ${await at.token(at.ada)}` } },
})

describe('the official client, version 1', () => {
  test('lists and calls', async () => {
    const client = new ClientV1({ name: 'test', version: '1' })
    await client.connect(new TransportV1(new URL(at.resource), await options()) as Transport)
    expect(client.getServerVersion()).toMatchObject({ name: 'zuko-mcp', title: 'Zuko', version: '1.2.3' })
    expect(client.getInstructions()).toContain('idempotencyKey')
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(NAMES)
    const made = await client.callTool({ name: 'create_task', arguments: { title: 'From version 1' } })
    expect(made.structuredContent).toMatchObject({ title: 'From version 1', status: 'TODO' })
    await client.ping()
    await client.close()
  })
})

describe('the official client, version 2', () => {
  const modes = [
    ['legacy', { mode: 'legacy' as const }, '2025-11-25'],
    ['auto', { mode: 'auto' as const }, '2026-07-28'],
    ['pinned', { mode: { pin: '2026-07-28' } }, '2026-07-28'],
  ] as const
  test.each(modes)('lists and calls (%s)', async (name, versionNegotiation, version) => {
    const client = new ClientV2({ name: 'test', version: '1' }, { versionNegotiation })
    await client.connect(new TransportV2(new URL(at.resource), await options()))
    expect(client.getNegotiatedProtocolVersion()).toBe(version)
    expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual(NAMES)
    const title = `From version 2, ${name}`
    const made = await client.callTool({ name: 'create_task', arguments: { title } })
    expect(made.structuredContent).toMatchObject({ title, organization: { name: 'Acme' } })
    const listed = await client.callTool({ name: 'list_tasks', arguments: {} })
    const [first] = listed.content
    expect(JSON.parse(first?.type === 'text' ? first.text : '')).toEqual(
      (listed.structuredContent as { tasks: unknown }).tasks,
    )
    await client.close()
  })
})
