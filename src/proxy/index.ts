import type { Readable, Writable } from 'node:stream'
import type { ProxyVariables } from './agents.js'
import { createAnnouncer } from './announcer.js'
import { createBag } from './bag.js'
import type { Bridge } from './bridge.js'
import type { Exchange } from './exchange.js'
import { createGreeting } from './greeting.js'
import { createInquiries } from './inquiries.js'
import { Life } from './life.js'
import { atMost, watchEnds } from './lifecycle.js'
import { MESSAGE_LIMIT, splitLines } from './lines.js'
import { createListening } from './listening.js'
import { serverMemory } from './memory.js'
import { createPeer } from './peer.js'
import { createQuestions } from './questions.js'
import { createRelay, type Relay } from './relay.js'
import { createSubscriptions } from './subscriptions.js'
import { toolHeaders } from './tool-list.js'
import type { ProxyOptions, Session } from './types.js'
import { createUpstream } from './upstream.js'
import { createWire } from './wire.js'
import { createWriter } from './writer.js'

export interface RunProxyOptions extends ProxyOptions {
  input: Readable
  output: Writable
  /** Ends the bridge. */
  signal: AbortSignal
  session: Session
  proxies: ProxyVariables
  version: string
  /** Where what servers said of themselves is kept. */
  memoryDirectory: string
  /** How long the server may stay silent in a call, in milliseconds; 0 is for ever. */
  callTimeoutMs: number
  connectTimeoutMs?: number
  /** How long a host can be kept waiting for a login. */
  patienceMs?: number
  /** How long a host may take to answer what a server of the other era asks it. */
  answerMs?: number
}

const CONNECT_MS = 10_000
/** Hosts give up after 30 s or more. */
const PATIENCE_MS = 20_000
/** Forms are filled in by people. */
const ANSWER_MS = 600_000
/** How long what is under way at stdin's end may take, and then the farewell: together well under 500 ms. */
const LAST_ANSWERS_MS = 250
const FAREWELL_MS = 150

/**
 * The bridge: JSON-RPC lines on `input` and `output`, HTTP to the server. Resolves when it has ended, whatever
 * ended it; then nothing of it is left.
 */
export async function runProxy(options: RunProxyOptions): Promise<void> {
  const { input, signal } = options
  const ended = new Life()
  const over = new Promise<void>((resolve) => ended.onOver(resolve))
  const end = () => ended.end()
  const waiting: ((relay: Relay) => void)[] = []
  let relay: Relay | undefined
  const tell = (what: (relay: Relay) => void) => {
    if (relay) what(relay)
    else waiting.push(what)
  }

  const lines = splitLines({
    limit: MESSAGE_LIMIT,
    line: (bytes) => tell((to) => to.line(bytes)),
    oversized: (id) => tell((to) => to.oversized(id)),
  })
  const onInputEnd = () => {
    lines.end()
    tell((to) => atMost(LAST_ANSWERS_MS, to.idle()).then(end))
  }
  input.on('data', (chunk: Buffer) => lines.push(chunk))
  const ends = watchEnds({ input, signal, onInputEnd: once(onInputEnd), onEnd: end })
  try {
    const { bridge, close } = await connect(options, ended)
    const made = createRelay(bridge, options.patienceMs ?? PATIENCE_MS)
    relay = made
    for (const what of waiting) what(made)
    await over
    made.cancelAll()
    await atMost(FAREWELL_MS, close())
  } finally {
    end()
    ends.stop()
  }
}

interface Connected {
  bridge: Bridge
  close(): Promise<void>
}

async function connect(options: RunProxyOptions, ended: Life): Promise<Connected> {
  const { url, session, input, output, headers, say, now } = options
  const upstream = await createUpstream({
    url,
    proxies: options.proxies,
    connectMs: options.connectTimeoutMs ?? CONNECT_MS,
  })
  const onPressure = (behind: boolean) => (behind ? input.pause() : input.resume())
  const writer = createWriter({ output, onGone: () => ended.end(), onPressure })
  const wire = createWire({
    upstream,
    session,
    headers,
    silenceMs: options.callTimeoutMs,
    version: options.version,
  })
  const tools = toolHeaders(say)
  const memory = serverMemory(options.memoryDirectory, url, options.profile)
  const self = () => bridge
  const listening = createListening(self)
  const peer = createPeer({ wire, tools, ended, onInitialized: listening.start })
  const announcer = createAnnouncer(writer)
  const greeting = createGreeting(memory, url, options.version)
  const bridge: Bridge = {
    host: url.host,
    wire,
    session,
    peer,
    tools,
    memory,
    greeting,
    writer,
    announcer,
    exchanges: createBag<Exchange>(),
    questions: createQuestions(writer),
    inquiries: createInquiries(self),
    subscriptions: createSubscriptions(self),
    listening,
    answerMs: options.answerMs ?? ANSWER_MS,
    say,
    now,
    ended,
  }
  session.onLogin(() => announcer.heard(true))
  const close = async () => {
    writer.flush()
    await Promise.allSettled([peer.legacy.farewell(), session.close(), memory.settled()])
    upstream.close()
  }
  return { bridge, close }
}

function once(run: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) run()
    isDone = true
  }
}
