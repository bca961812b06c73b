import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initialize, request } from './bridge.js'
import { type BridgeProcess, startCommand } from './bridge-process.js'
import { type FakeAuth, fakeAuth } from './fake-auth.js'
import { events, fakeMcp, type Handler } from './fake-mcp.js'

/** How a bridge is started: what Node runs for an address. */
export type Command = (url: string) => string[]

/** What has hurt people who use a bridge, and how to see from outside whether this one hurts too. */
export interface Pain {
  name: string
  /** Resolves where all is well. @throws Error that says what hurt */
  probe(command: Command): Promise<void>
}

const ANSWER_MS = 20_000

/** A person's computer, the servers, and every bridge that was started there. */
interface Scene {
  auth: FakeAuth
  home: string
  start(url?: URL): BridgeProcess
}

/** Plays a scene, and leaves nothing of it behind. */
const scene = (play: (scene: Scene) => Promise<void>) => async (command: Command) => {
  const auth = await fakeAuth({ graceMs: 0 })
  const home = mkdtempSync(join(tmpdir(), 'zuko-pain-'))
  const bridges: BridgeProcess[] = []
  const start = (url = auth.url) => {
    const bridge = startCommand(command(url.href), home, { BROWSER: 'true' })
    bridges.push(bridge)
    return bridge
  }
  try {
    await play({ auth, home, start })
  } finally {
    for (const { child } of bridges) child.kill('SIGKILL')
    await Promise.all(bridges.map(({ exited }) => exited))
    await auth.close()
    rmSync(home, { recursive: true, force: true })
  }
}

const late = (what: string): Error => new Error(`${what}: not within ${ANSWER_MS / 1000} s`)

/** The value, in time. */
async function soon<T>(value: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late(what)), ANSWER_MS)
  })
  return Promise.race([value, end]).finally(() => clearTimeout(timer))
}

const signIns = (bridge: BridgeProcess): string[] => [
  ...new Set(bridge.stderr().match(/https?:\S+\/authorize\?\S+/g)),
]

/** What a look finds, in time. */
async function eventually<T>(look: () => T | undefined | Promise<T | undefined>, what: string): Promise<T> {
  const end = Date.now() + ANSWER_MS
  while (Date.now() < end) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw late(what)
}

/** The address to sign in at that comes after the first `seen`. */
const signInAt = async (bridge: BridgeProcess, seen = 0): Promise<URL> =>
  new URL(await eventually(() => signIns(bridge)[seen], 'An address to sign in at'))

/** A bridge may name the address a moment before it listens for the answer; a person is slower than that. */
async function visit(address: URL): Promise<void> {
  const { status } = await eventually(
    () => fetch(address, { signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => undefined),
    'A page at the end of the sign-in',
  )
  if (status !== 200) throw new Error(`The person sees an error page (${status})`)
}

const callback = (address: URL): URL => new URL(address.searchParams.get('redirect_uri') ?? '')

let lastId = 100
/** Calls a tool, and wants its result. */
async function call(bridge: BridgeProcess, name = 'read'): Promise<void> {
  const id = ++lastId
  bridge.send(request('tools/call', { name, arguments: {} }, id))
  const { error, result } = await soon(bridge.answer(id), 'An answer to a call')
  if (error || result.isError) throw new Error(`A call failed: ${JSON.stringify(error ?? result.content)}`)
}

/** Opens the conversation; the person signs in where the bridge asks for it on the way. */
async function open(bridge: BridgeProcess, signsIn: boolean): Promise<void> {
  bridge.send(initialize(1))
  if (signsIn) await visit(await signInAt(bridge))
  await soon(bridge.answer(1), 'An answer to initialize')
  bridge.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
}

/** A bridge that has called a tool with a login of its own. */
async function signedIn({ start }: Scene): Promise<BridgeProcess> {
  const bridge = start()
  await open(bridge, true)
  await call(bridge)
  return bridge
}

async function end(bridge: BridgeProcess): Promise<void> {
  bridge.child.stdin.end()
  await soon(bridge.exited, 'The end of the bridge')
}

function oneRefresh({ auth }: Scene): void {
  const asked = auth.of('/auth/token').filter(({ form }) => form.get('grant_type') === 'refresh_token')
  if (asked.length !== 1) throw new Error(`The refresh token was offered ${asked.length} times`)
}

/** A call that the server answers like this is answered at all. */
const answered = (misbehave: Handler) => async (command: Command) => {
  const server = await fakeMcp()
  try {
    await scene(async ({ start }) => {
      const bridge = start(server.url)
      await open(bridge, false)
      server.misbehave = (seen, response) => seen.body.method === 'tools/call' && misbehave(seen, response)
      bridge.send(request('tools/call', { name: 'echo' }, 2))
      await soon(bridge.answer(2), 'An answer to the call')
    })(command)
  } finally {
    await server.close()
  }
}

/** The files and folders below that others may read or enter. A socket is guarded by its folder. */
const openBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const facts = statSync(join(folder, name), { throwIfNoEntry: false })
    return facts && !facts.isSocket() && (facts.mode & 0o077) !== 0
  })

export const PAINS: readonly Pain[] = [
  {
    name: 'initialize is answered before the login is done',
    probe: scene(async ({ auth, start }) => {
      auth.behave.person = 'waits'
      const bridge = start()
      bridge.send(initialize(1))
      await soon(bridge.answer(1), 'An answer to initialize')
    }),
  },
  {
    name: 'sixteen calls at once on an ended token offer the refresh token once',
    probe: scene(async (at) => {
      const bridge = await signedIn(at)
      at.auth.expireAccess()
      await Promise.all(Array.from({ length: 16 }, () => call(bridge)))
      oneRefresh(at)
    }),
  },
  {
    name: 'five bridges at once on an ended token offer the refresh token once',
    probe: scene(async (at) => {
      const bridges = [await signedIn(at)]
      for (let more = 0; more < 4; more++) {
        const bridge = at.start()
        await open(bridge, false)
        await call(bridge)
        bridges.push(bridge)
      }
      at.auth.expireAccess()
      await Promise.all(bridges.map((bridge) => call(bridge)))
      oneRefresh(at)
    }),
  },
  {
    name: 'a callback port that is taken leads to no error page',
    probe: scene(async (at) => {
      at.auth.behave.strictRedirect = true
      const first = await signedIn(at)
      const { port } = callback(await signInAt(first))
      await end(first)
      at.auth.revokeAll()
      const squatter = createServer().listen(Number(port), '127.0.0.1')
      try {
        await signedIn(at)
      } finally {
        squatter.close()
      }
    }),
  },
  {
    name: 'a server that asks for a login at calls only gets one sign-in for three calls',
    probe: scene(async ({ auth, start }) => {
      auth.behave.opensWithoutToken = true
      const bridge = start()
      await open(bridge, false)
      const calls = Promise.all([call(bridge), call(bridge), call(bridge)])
      calls.catch(() => {})
      await visit(await signInAt(bridge))
      await calls
      const count = signIns(bridge).length
      if (count !== 1) throw new Error(`The person was sent to ${count} sign-ins`)
    }),
  },
  {
    name: 'a request that the server answers 202 is answered',
    probe: answered((_, response) => void response.writeHead(202).end()),
  },
  {
    name: 'a request whose stream ends without a reply is answered',
    probe: answered((_, response) => events(response, [])),
  },
  {
    name: 'a call that needs another scope is answered once the person has granted it',
    probe: scene(async (at) => {
      const bridge = await signedIn(at)
      const calling = call(bridge, 'write')
      calling.catch(() => {})
      await visit(await signInAt(bridge, 1))
      await calling
    }),
  },
  {
    name: 'a bridge whose host leaves in the middle of a login ends',
    probe: scene(async ({ auth, start }) => {
      auth.behave.person = 'waits'
      const bridge = start()
      bridge.send(initialize(1))
      const { href } = callback(await signInAt(bridge))
      await end(bridge)
      if (await fetch(href).catch(() => undefined)) throw new Error('Its port is still taken')
    }),
  },
  {
    name: 'a server that has forgotten the client costs the person no error page',
    probe: scene(async (at) => {
      await end(await signedIn(at))
      at.auth.forgetClients()
      at.auth.revokeAll()
      await signedIn(at)
    }),
  },
  {
    name: 'a forged visit of the callback ends no login',
    probe: scene(async ({ auth, start }) => {
      auth.behave.person = 'waits'
      const bridge = start()
      bridge.send(initialize(1))
      const address = await signInAt(bridge)
      await fetch(`${callback(address)}?code=forged&state=forged`).catch(() => {})
      auth.behave.person = 'approves'
      await visit(address)
      await call(bridge)
    }),
  },
  {
    name: 'what is kept is in folders and files that nobody else may enter or read',
    probe: scene(async (at) => {
      await signedIn(at)
      const open = openBelow(at.home)
      if (open.length > 0) throw new Error(`Open to others: ${open.join(', ')}`)
    }),
  },
]
