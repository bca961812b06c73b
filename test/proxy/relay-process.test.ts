import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { initialize, request } from '../helpers/bridge.js'
import { type BridgeProcess, isAlive, startBridge } from '../helpers/bridge-process.js'
import { type Built, copyProgram } from '../helpers/built.js'
import { type FakeMcp, type FakeOptions, fakeMcp } from '../helpers/fake-mcp.js'

let built: Built
let home: string
const servers: FakeMcp[] = []
const bridges: BridgeProcess[] = []

beforeAll(() => {
  built = copyProgram()
})
afterAll(() => built.remove())
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'zuko-home-'))
})
afterEach(async () => {
  for (const { child } of bridges.splice(0)) child.kill('SIGKILL')
  for (const server of servers.splice(0)) await server.close()
  rmSync(home, { recursive: true, force: true })
})

async function serve(options?: FakeOptions): Promise<FakeMcp> {
  const server = await fakeMcp(options)
  servers.push(server)
  return server
}

function start(args: string[], env?: Record<string, string>): BridgeProcess {
  const bridge = startBridge({ bin: built.bin, args, home, ...(env && { env }) })
  bridges.push(bridge)
  return bridge
}

/** How long an ending may take, from outside, in milliseconds: what the host waits, and a slow machine. */
const SOON_MS = 500

const within = async (ms: number, ended: Promise<unknown>): Promise<unknown> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve('late'), ms)
  })
  const first = await Promise.race([ended, late])
  clearTimeout(timer)
  return first
}

test('the bridge works as a process', async () => {
  const server = await serve()
  const bridge = start([server.url.href])
  bridge.send(initialize(1))
  expect((await bridge.answer(1)).result.serverInfo.name).toBe('fake')
  bridge.send(request('tools/call', { name: 'echo', arguments: { text: 'é' } }, 2))
  expect((await bridge.answer(2)).result.content[0].text).toBe('é')
  bridge.child.stdin.end()
  expect(await bridge.exited).toEqual({ code: 0, signal: null })
  expect(bridge.stderr()).toBe('')
})

test('lines that are all there before it starts are answered before it ends', async () => {
  const server = await serve()
  const bridge = start([server.url.href])
  bridge.child.stdin.end(`${JSON.stringify(initialize(1))}\n${JSON.stringify(request('tools/list', {}, 2))}`)
  await bridge.exited
  expect(bridge.received.map(({ id }) => id)).toEqual([1, 2])
})

describe('a ready token', () => {
  test('in ZUKO_TOKEN goes along, and the address may come from ZUKO_MCP_URL', async () => {
    const server = await serve({ token: () => 'ready' })
    const bridge = start([], { ZUKO_TOKEN: 'ready', ZUKO_MCP_URL: server.url.href })
    bridge.send(initialize(1))
    expect((await bridge.answer(1)).result.serverInfo.name).toBe('fake')
  })

  test('that is refused is said so in words', async () => {
    const server = await serve({ token: () => 'other' })
    const bridge = start([server.url.href], { ZUKO_TOKEN: 'ready' })
    bridge.send(request('tools/call', { name: 'echo' }, 1))
    expect((await bridge.answer(1)).result.content[0].text).toContain('ZUKO_TOKEN')
  })
})

/** The phases of a bridge's life, each brought about from outside. */
const PHASES: [string, () => Promise<BridgeProcess>][] = [
  [
    'idle',
    async () => {
      const bridge = start([(await serve()).url.href])
      bridge.send(initialize(1))
      await bridge.answer(1)
      return bridge
    },
  ],
  [
    'in a call that the server does not answer',
    async () => {
      const server = await serve()
      const bridge = start([server.url.href])
      bridge.send(initialize(1))
      await bridge.answer(1)
      server.misbehave = () => {}
      bridge.send(request('tools/call', { name: 'echo' }, 2))
      await expect.poll(() => server.bodies('tools/call')).toHaveLength(1)
      return bridge
    },
  ],
  [
    'while the server’s own stream is held',
    async () => {
      const server = await serve()
      server.misbehave = ({ method }, response) =>
        method === 'GET' && response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n')
      const bridge = start([server.url.href])
      bridge.send(initialize(1))
      await bridge.answer(1)
      bridge.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
      await expect.poll(() => server.seen.some(({ method }) => method === 'GET')).toBe(true)
      return bridge
    },
  ],
  [
    'while the server is unreachable',
    async () => {
      const server = await serve()
      await server.close()
      const bridge = start([server.url.href])
      bridge.send(request('tools/call', { name: 'echo' }, 1))
      bridge.send('not a message')
      await bridge.message(({ error }) => error !== undefined)
      return bridge
    },
  ],
]

/** A machine under load gets another chance; the limit stays. */
const CHANCES = { retry: 2 }

describe.each(PHASES)('%s, the bridge ends', CHANCES, (_, reach) => {
  test('with stdin', async () => {
    const bridge = await reach()
    bridge.child.stdin.end()
    expect(await within(SOON_MS, bridge.exited)).toEqual({ code: 0, signal: null })
  })

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('at %s', async (signal) => {
    const bridge = await reach()
    bridge.child.kill(signal)
    expect(await within(SOON_MS, bridge.exited)).toEqual({ code: 0, signal: null })
  })

  test('when nobody reads its answers any more', async () => {
    const bridge = await reach()
    bridge.child.stdout.destroy()
    bridge.send('not a message')
    expect(await within(SOON_MS, bridge.exited)).toEqual({ code: 0, signal: null })
  })
})

test('the bridge ends when its parent is killed, although stdin stays open', CHANCES, async () => {
  const server = await serve()
  const script = `const { spawn } = require('node:child_process')
    const child = spawn(process.execPath, ${JSON.stringify([built.bin, 'proxy', server.url.href])}, { stdio: ['inherit', 'ignore', 'ignore'] })
    console.log(child.pid); setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['-e', script], { env: { PATH: process.env.PATH, HOME: home } })
  const pid = await new Promise<number>((resolve) =>
    parent.stdout.once('data', (chunk) => resolve(Number(chunk))),
  )
  parent.stdin.write(`${JSON.stringify(initialize(1))}\n`)
  await expect.poll(() => server.seen.length, { timeout: 5000 }).toBeGreaterThan(0)
  parent.kill('SIGKILL')
  await expect.poll(() => isAlive(pid), { timeout: SOON_MS }).toBe(false)
  parent.stdin.destroy()
})

test('a host that starts it twice and kills one still has the other', async () => {
  const server = await serve()
  const [first, second] = [start([server.url.href]), start([server.url.href])]
  first.send(initialize(1))
  second.send(initialize(1))
  await first.answer(1)
  first.child.kill('SIGKILL')
  await second.answer(1)
  second.send(request('tools/call', { name: 'echo', arguments: { text: 'still' } }, 2))
  expect((await second.answer(2)).result.content[0].text).toBe('still')
})

test('a host that does not read does not keep it from ending', CHANCES, async () => {
  const server = await serve()
  const bridge = start([server.url.href])
  bridge.child.stdout.pause()
  const text = 'x'.repeat(1_000_000)
  for (let id = 1; id <= 20; id++)
    bridge.send(request('tools/call', { name: 'echo', arguments: { text } }, id))
  await expect.poll(() => server.seen.length, { timeout: 5000 }).toBeGreaterThan(0)
  bridge.child.kill('SIGTERM')
  const exited = new Promise((resolve) => bridge.child.once('exit', resolve))
  expect(await within(SOON_MS, exited)).toBe(0)
})

describe('wrong usage is answered with what would be right', () => {
  test.each([
    [['ftp://x'], 'is not the address of a server'],
    [['http://example.com/mcp'], 'is not encrypted'],
    [['https://a:b@example.com/mcp'], 'holds a password'],
    [['--header', 'nothing'], 'is not one'],
    [['--header', 'X-Key: $' + '{NOT_THERE}'], 'NOT_THERE is not set'],
    [['--call-timeout', 'soon'], 'is not a number of seconds'],
    [['--callback-port', '0'], 'is not a port'],
  ])('%j', async (args, words) => {
    const bridge = start(args)
    expect(await bridge.exited).toEqual({ code: 2, signal: null })
    expect(bridge.stderr()).toContain(words)
    expect(bridge.received).toEqual([])
  })
})
