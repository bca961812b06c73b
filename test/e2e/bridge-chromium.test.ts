import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DEMO_PASSWORD, DEMO_PEOPLE } from '../../src/demo.js'
import { chromiumPath, launchChromium } from '../helpers/chromium.js'
import { until } from '../helpers/processes.js'
import { freePort, program, type Started } from '../helpers/program.js'
import { ROOT } from '../helpers/sources.js'

const title = chromiumPath
  ? 'a host, the bridge, Chromium and `serve`, each a process'
  : 'a host, the bridge, Chromium and `serve` (skipped: no Chromium found on this machine)'

describe.skipIf(!chromiumPath)(title, { timeout: 60_000 }, () => {
  let browser: Browser
  let home: string
  let base: string
  let server: Started
  const clients: Client[] = []

  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'zuko-home-'))
    base = `http://127.0.0.1:${await freePort()}`
    server = await serve()
  })
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()))
    await stop()
    rmSync(home, { recursive: true, force: true })
  })

  async function serve(): Promise<Started> {
    const started = program(home, { XDG_DATA_HOME: home, BACKEND_URL: base }).start(['serve', '--demo'])
    const isReady = async () => (await fetch(`${base}/readyz`).catch(() => undefined))?.ok
    await until(isReady, 'a server that is ready')
    return started
  }

  async function stop(): Promise<void> {
    server.child.kill('SIGTERM')
    await server.ended
  }

  /** A host that has started the bridge, and where the bridge says that a person signs in. */
  async function host(): Promise<{ client: Client; signIns(): string[] }> {
    let words = ''
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [join(ROOT, 'bin', 'zuko-mcp.js'), 'proxy', `${base}/api/mcp`, '--no-browser'],
      env: { PATH: process.env.PATH ?? '', HOME: home, XDG_DATA_HOME: home },
      stderr: 'pipe',
    })
    transport.stderr?.on('data', (chunk: Buffer) => {
      words += chunk.toString()
    })
    const client = new Client({ name: 'host', version: '1.0.0' })
    clients.push(client)
    await client.connect(transport)
    return { client, signIns: () => words.match(/http:\S+\/authorize\?\S+/g) ?? [] }
  }

  /** Ada's browser, from the address that the bridge gave; answers what the page says that it ends on. */
  async function decide(address: string, decision: 'approve' | 'deny'): Promise<string | null> {
    const page = await browser.newPage()
    await page.goto(address)
    await page.fill('input[name=email]', DEMO_PEOPLE[0].email)
    await page.fill('input[name=password]', DEMO_PASSWORD)
    await page.keyboard.press('Enter')
    await page.click(`button[name=decision][value=${decision}]`)
    await page.waitForURL(/127\.0\.0\.1:\d+\/callback/)
    const heading = await page.textContent('h1')
    await page.close()
    return heading
  }

  test('a call waits for the sign-in and is answered; after a restart calls go on without another', async () => {
    const { client, signIns } = await host()
    expect((await client.listTools()).tools).toHaveLength(5)
    const waiting = client.callTool({ name: 'list_organizations', arguments: {} })
    const address = await until(() => signIns()[0], 'an address to sign in at')
    expect(await decide(address, 'approve')).toBe('You are signed in')
    expect((await waiting).structuredContent).toHaveProperty('organizations.length', 3)

    await stop()
    server = await serve()
    const { structuredContent } = await client.callTool({ name: 'list_tasks', arguments: {} })
    expect(structuredContent).toHaveProperty('tasks')
    const second = await host()
    const { isError } = await second.client.callTool({ name: 'list_tasks', arguments: {} })
    expect(isError).not.toBe(true)
    expect([...signIns(), ...second.signIns()]).toEqual([address])
  })

  test('a person who denies is shown so, and the call says it', async () => {
    const { client, signIns } = await host()
    const waiting = client.callTool({ name: 'list_tasks', arguments: {} })
    const address = await until(() => signIns()[0], 'an address to sign in at')
    expect(await decide(address, 'deny')).toBe('You are not signed in')
    expect(await waiting).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('The sign-in was declined.') }],
    })
  })
})
