import { mkdtempSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client as ClientV2 } from '@modelcontextprotocol/client'
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { TOOLS } from '../../src/tools/index.js'
import { initialize, request } from '../helpers/bridge.js'
import { type BridgeProcess, startBridge } from '../helpers/bridge-process.js'
import { type Built, copyProgram } from '../helpers/built.js'
import { clickThroughFrom } from '../helpers/oauth.js'
import { PASSWORD, type Served, serveAll, twoPeople } from '../helpers/serve.js'

let built: Built
let served: Served
let home: string
beforeAll(async () => {
  built = copyProgram()
  served = await serveAll()
  await twoPeople(served)
})
afterAll(async () => {
  await served.close()
  built.remove()
})
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'zuko-home-'))
  return () => rmSync(home, { recursive: true, force: true })
})

const start = (): BridgeProcess =>
  startBridge({ bin: built.bin, args: [`${served.base}/api/mcp`, '--no-browser'], home })

/** The person opens the address that stands in the words, signs in, approves, and is sent back to this computer. */
async function signIn(words: string): Promise<void> {
  const url = /http:\/\/\S+\/authorize\?\S+/.exec(words)?.[0] ?? ''
  const back = await clickThroughFrom(url, {
    base: served.base,
    email: 'ada@example.com',
    password: PASSWORD,
  })
  await new Promise((resolve, reject) =>
    get(back, (page) => page.resume().on('end', resolve)).on('error', reject),
  )
}

const createTask = (id: number) =>
  request(
    'tools/call',
    { name: 'create_task', arguments: { title: 'From the bridge', organizationId: 1 } },
    id,
  )

/** Starts the bridge and takes the person through the login that its first call asks for. */
async function loggedIn(): Promise<BridgeProcess> {
  const bridge = start()
  bridge.send(createTask(1))
  await expect.poll(bridge.stderr, { timeout: 10_000 }).toContain('/authorize?')
  await signIn(bridge.stderr())
  expect((await bridge.answer(1)).result.structuredContent.title).toBe('From the bridge')
  return bridge
}

test('a host lists tools before the login, hears when it is done, and calls them', async () => {
  const bridge = start()
  bridge.send(initialize(1))
  expect((await bridge.answer(1)).result.serverInfo.name).toBe('zuko-mcp')
  bridge.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
  bridge.send(request('tools/list', {}, 2))
  expect((await bridge.answer(2)).result.tools).toHaveLength(TOOLS.length)
  bridge.send(createTask(3))
  await expect.poll(bridge.stderr, { timeout: 10_000 }).toContain('/authorize?')
  await signIn(bridge.stderr())
  expect((await bridge.answer(3)).result.structuredContent.title).toBe('From the bridge')
  await bridge.message(({ method }) => method === 'notifications/tools/list_changed')
  bridge.child.stdin.end()
  expect((await bridge.exited).code).toBe(0)
})

test('a login outlives its process: the next one calls at once', async () => {
  const first = await loggedIn()
  first.child.kill('SIGKILL')
  const second = start()
  second.send(createTask(2))
  expect((await second.answer(2)).result.structuredContent.title).toBe('From the bridge')
  expect(second.stderr()).not.toContain('/authorize?')
  second.child.stdin.end()
  await second.exited
})

test('it ends within half a second while a login is under way, and leaves no port behind', {
  retry: 2,
}, async () => {
  const bridge = start()
  bridge.send(createTask(1))
  await expect.poll(bridge.stderr, { timeout: 10_000 }).toContain('/authorize?')
  const callback = /redirect_uri=([^&]+)/.exec(bridge.stderr())?.[1] ?? ''
  const begun = performance.now()
  bridge.child.stdin.end()
  await bridge.exited
  expect(performance.now() - begun).toBeLessThan(500)
  const refused = new Promise((resolve) => get(decodeURIComponent(callback)).on('error', resolve))
  expect(await refused).toMatchObject({ code: 'ECONNREFUSED' })
})

describe('the official clients work through it', () => {
  const spawned = () => ({
    command: process.execPath,
    args: [built.bin, 'proxy', `${served.base}/api/mcp`, '--no-browser'],
    env: { HOME: home, XDG_DATA_HOME: home, PATH: process.env.PATH ?? '' },
  })
  const info = { name: 'host', version: '1.0.0' }

  test.each([
    [
      'SDK v2, either era',
      () => new ClientV2(info, { versionNegotiation: { mode: 'auto' } }),
      () => new StdioV2(spawned()),
    ],
    [
      'SDK v2, legacy',
      () => new ClientV2(info, { versionNegotiation: { mode: 'legacy' } }),
      () => new StdioV2(spawned()),
    ],
    ['SDK v1', () => new ClientV1(info), () => new StdioV1(spawned())],
  ])('%s', async (_, makeClient, makeTransport) => {
    const bridge = await loggedIn()
    bridge.child.stdin.end()
    await bridge.exited
    const client = makeClient() as ClientV2
    await client.connect(makeTransport() as never)
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(TOOLS.map(({ name }) => name))
    const { structuredContent } = await client.callTool({ name: 'list_tasks', arguments: {} })
    expect(structuredContent).toHaveProperty('tasks')
    await client.close()
  })
})
