import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { type RunProxyOptions, runProxy } from '../../src/proxy/index.js'
import type { Outcome, Refusal, Session } from '../../src/proxy/types.js'
import type { Json } from './fake-mcp.js'

/** The bridge in this process, with a host that a test plays. */
export interface Host {
  /** Sends one message, or a line as it is. */
  send(message: Json | string): void
  /** The lines so far, each parsed: a line that is not JSON fails the test. */
  received: Json[]
  /** The lines so far as they came. */
  lines: string[]
  /** The answer to a request, once it is there. */
  answer(id: string | number | null): Promise<Json>
  /** The first message that fits. */
  message(fits: (message: Json) => boolean): Promise<Json>
  /** What people were told. */
  said: string[]
  /** Closes stdin; resolves when the bridge has ended. */
  end(): Promise<void>
  directory: string
}

export interface HostOptions extends Partial<Omit<RunProxyOptions, 'url'>> {
  url: URL
  /** Keeps what a server said of itself from one bridge to the next. */
  directory?: string
}

export function openHost({ url, directory, ...options }: HostOptions): Host {
  const [input, output] = [new PassThrough(), new PassThrough()]
  const kept = directory ?? mkdtempSync(join(tmpdir(), 'zuko-bridge-'))
  const [lines, received, said]: [string[], Json[], string[]] = [[], [], []]
  const listeners = new Set<() => void>()
  let rest = ''
  output.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString('utf8')).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) {
      lines.push(line)
      received.push(JSON.parse(line))
    }
    for (const listener of listeners) listener()
  })
  const message = (fits: (message: Json) => boolean) =>
    new Promise<Json>((resolve) => {
      const look = () => {
        const found = received.find(fits)
        if (found) {
          listeners.delete(look)
          resolve(found)
        }
      }
      listeners.add(look)
      look()
    })
  const running = runProxy({
    url,
    input,
    output,
    signal: new AbortController().signal,
    session: openDoor(),
    proxies: { httpProxy: undefined, httpsProxy: undefined, noProxy: '' },
    version: '0.0.0',
    memoryDirectory: join(kept, 'servers'),
    directory: join(kept, 'logins'),
    callTimeoutMs: 10_000,
    profile: 'default',
    browser: false,
    clientCredentials: false,
    device: false,
    headers: {},
    authTimeoutMs: 60_000,
    now: Date.now,
    fetch: globalThis.fetch,
    say: (line) => said.push(line),
    ...options,
  })
  return {
    send: (line) => void input.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`),
    received,
    lines,
    said,
    message,
    answer: (id) => message((one) => one.id === id && one.method === undefined),
    directory: kept,
    async end() {
      input.end()
      await running
      if (directory === undefined) rmSync(kept, { recursive: true, force: true })
    },
  }
}

/** A login that is never needed. */
export const openDoor = (): Session => ({
  token: async () => undefined,
  challenged: async () => ({ kind: 'failed', message: 'There is no login here.' }),
  onLogin: () => {},
  close: async () => {},
})

/** A login that a test finishes when it likes. */
export interface Door extends Session {
  refusals: Refusal[]
  /** The person has signed in. */
  signIn(token: string): void
  /** Swaps the token without a person, as a refresh does. */
  renewed: string | undefined
  current: string | undefined
}

export const SIGN_IN_URL = 'https://login.example/authorize?x=1'

export function closedDoor(token?: string): Door {
  const listeners: (() => void)[] = []
  let open: (token: string) => void = () => {}
  const done = new Promise<string>((resolve) => {
    open = resolve
  })
  const door: Door = {
    refusals: [],
    renewed: undefined,
    current: token,
    token: async () => door.current,
    async challenged(refusal): Promise<Outcome> {
      door.refusals.push(refusal)
      if (door.renewed !== undefined) {
        door.current = door.renewed
        return { kind: 'token', token: door.renewed }
      }
      return { kind: 'sign-in', url: SIGN_IN_URL, done }
    },
    signIn(value) {
      door.current = value
      open(value)
      for (const listener of listeners) listener()
    },
    onLogin: (listener) => void listeners.push(listener),
    close: async () => {},
  }
  return door
}

let lastId = 0
/** A request of the legacy era. */
export const request = (method: string, params?: Json, id: string | number = ++lastId): Json => ({
  jsonrpc: '2.0',
  id,
  method,
  ...(params !== undefined && { params }),
})

export const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

/** A request of the modern era. */
export const modernRequest = (method: string, params: Json = {}, id: string | number = ++lastId): Json =>
  request(method, { ...params, _meta: META }, id)

export const initialize = (id: string | number = ++lastId): Json =>
  request(
    'initialize',
    { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    id,
  )
