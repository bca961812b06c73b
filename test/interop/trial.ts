/** What is done with one client, and how it went. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { ROOT } from '../helpers/sources.js'
import type { Client, Place, Session, Transport } from './client.js'
import { run } from './command.js'
import { OURS, startModel } from './model.js'
import { createPerson, type Decision } from './person.js'
import { type Server, startServer } from './server.js'
import { openTerminal, type Terminal } from './terminal.js'

const PROGRAMS = fileURLToPath(new URL('node_modules/.bin', import.meta.url))
const CLOCK = new URL('clock.mjs', import.meta.url).href
const BINARY = join(ROOT, 'bin', 'zuko-mcp.js')

export const STEPS = ['login', 'list', 'read', 'write', 'expiry', 'restart', 'denied'] as const
export type Step = (typeof STEPS)[number]

export interface Outcome {
  ok: boolean
  /** What was missing, or for `denied` the client's own words. */
  words?: string
}

export interface Trial {
  client: string
  transport: Transport
  /** The revision that the server was spoken to in. */
  era?: string
  seconds: number
  /** Why nothing was tried. */
  skipped?: string
  steps: Partial<Record<Step, Outcome>>
}

interface Ground {
  place: Place
  server: Server
  /** Lets eleven minutes pass: for the server, and for what is started on Node from now on. */
  wait(): Promise<void>
  close(): Promise<void>
}

/** The package as npm would start it, which is not published yet: `npx -y zuko-mcp …` runs this checkout. */
function playNpx(folder: string): void {
  const script = `#!/bin/sh\n[ "$1 $2" = "-y zuko-mcp" ] || exit 1\nshift 2\nexec '${process.execPath}' '${BINARY}' "$@"\n`
  writeFileSync(join(folder, 'npx'), script, { mode: 0o755 })
}

async function prepare(
  browser: Browser,
  transport: Transport,
  decides: Decision,
  images?: string,
): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'zuko-interop-'))
  const home = join(folder, 'home')
  const work = join(folder, 'work')
  for (const path of [home, work, join(folder, 'server')]) mkdirSync(path)
  const person = createPerson(browser, folder, images)
  person.decides = decides
  const [server, model] = await Promise.all([startServer(join(folder, 'server')), startModel()])
  const path = `${join(folder, 'programs')}:${PROGRAMS}:${process.env.PATH}`
  const env = { ...person.env, PATH: path, HOME: home, SHELL: '/bin/sh', LANG: 'C.UTF-8', TERM: 'xterm' }
  playNpx(join(folder, 'programs'))
  const terminals: Terminal[] = []
  let clock: Record<string, string> = {}
  const own = (...args: string[]) => run(process.execPath, [BINARY, ...args], { cwd: work, env })
  const place: Place = {
    transport,
    url: server.url,
    bridge: [process.execPath, BINARY, 'proxy', server.url],
    home,
    cwd: work,
    env,
    model,
    async connect(client) {
      const { code, text } = await own('connect', client, '--url', server.url, '--via', transport)
      if (code !== 0) throw new Error(text)
    },
    signIn: async () => (await own('proxy', 'login', server.url)).text,
    run: (command, args, more = {}) =>
      run(command, args, { cwd: work, ...more, env: { ...env, ...clock, ...more.env } }),
    async terminal(more = {}) {
      const terminal = await openTerminal(work, { ...env, ...more })
      terminals.push(terminal)
      return terminal
    },
    open: person.open,
    async signIns() {
      await person.settled()
      return person.signIns()
    },
  }
  return {
    place,
    server,
    async wait() {
      const ahead = await server.expireTokens()
      clock = { NODE_OPTIONS: `--import=${CLOCK}`, ZUKO_INTEROP_AHEAD: String(ahead) }
    },
    async close() {
      for (const terminal of terminals) terminal.close()
      await person.leave()
      await Promise.all([server.stop(), model.close()])
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
    },
  }
}

/** Holds something against what has to be; answers what is wrong. */
const expectThat = (holds: boolean, otherwise: string): void => {
  if (!holds) throw new Error(otherwise)
}

/** The end of what was said, where the reason stands. */
const short = (text: string): string =>
  text
    .replace(/[\s▀▄─│╭╮╰╯]+/g, ' ')
    .trim()
    .slice(-400)

const NO = /den(y|ied)|declin|reject|refus/i

/** The first lines of a client's words that say that the person did not agree. */
const refusal = (text: string): string =>
  short(
    text
      .split('\n')
      .filter((line) => NO.test(line))
      .slice(0, 2)
      .join(' '),
  )

/** The steps of a person who approves, in turn. */
function steps({ place, server, wait }: Ground, session: Session): [Step, () => Promise<void>][] {
  const reads = async () => {
    const text = await session.call('list_tasks', { status: 'IN_PROGRESS' })
    expectThat(
      text.includes('IN_PROGRESS') && text.includes('organizationName'),
      `list_tasks was shown as: ${short(text)}`,
    )
  }
  const onceSignedIn = async () => {
    const times = await place.signIns()
    expectThat(times === 1, `The person had to sign in ${times} times.`)
  }
  return [
    [
      'login',
      async () => {
        const words = await session.login()
        expectThat(
          (await place.signIns()) === 1,
          `Nobody was asked to sign in. The client said: ${short(words)}`,
        )
      },
    ],
    [
      'list',
      async () => {
        const tools = await session.list()
        expectThat(
          OURS.every((name) => tools.includes(name)),
          `The tools were: ${tools.join(', ')}`,
        )
      },
    ],
    ['read', reads],
    [
      'write',
      async () => {
        const before = await server.lastChange()
        const title = `Written by ${place.transport} at ${Date.now()}`
        const text = await session.call('create_task', { title, organizationId: 1 })
        const change = await server.lastChange()
        expectThat(text.includes(title), `create_task was shown as: ${short(text)}`)
        expectThat(
          change !== undefined && change.taskId !== before?.taskId,
          'The server has noted no change.',
        )
      },
    ],
    [
      'expiry',
      async () => {
        const before = server.heard.length
        await wait()
        await reads()
        const renewed = server.heard
          .slice(before)
          .some(({ path, status }) => path === '/auth/oauth2/token' && status === 200)
        expectThat(renewed, 'No token was renewed.')
        await onceSignedIn()
      },
    ],
    [
      'restart',
      async () => {
        await server.restart()
        await reads()
        await onceSignedIn()
      },
    ],
  ]
}

/** The revision of the last request that told one. */
const eraOf = ({ heard }: Server): string | undefined =>
  heard.filter(({ path, status, version }) => path === '/api/mcp' && status < 300 && version).at(-1)?.version

const say = (line: string): void => void process.stderr.write(`  ${line}\n`)

async function step(trial: Trial, name: Step, work: () => Promise<unknown>): Promise<boolean> {
  const begun = performance.now()
  const outcome = await work().then(
    (words): Outcome => ({ ok: true, ...(typeof words === 'string' ? { words } : {}) }),
    (error: Error): Outcome => ({ ok: false, words: short(error.message) }),
  )
  trial.steps[name] = outcome
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  say(`${outcome.ok ? 'ok  ' : 'FAIL'}  ${name} (${seconds} s)${outcome.words ? `: ${outcome.words}` : ''}`)
  return outcome.ok
}

async function approving(trial: Trial, client: Client, browser: Browser, images?: string): Promise<void> {
  const ground = await prepare(browser, trial.transport, 'approve', images)
  let session: Session | undefined
  try {
    session = await client.open(ground.place)
    for (const [name, work] of steps(ground, session))
      if (!(await step(trial, name, work)) && name === 'login') break
    if (process.env.SHOW) console.error(ground.server.heard.map((one) => JSON.stringify(one)).join('\n'))
    const era = eraOf(ground.server)
    if (era) trial.era = era
  } finally {
    await session?.close?.()
    await ground.close()
  }
}

async function denying(trial: Trial, client: Client, browser: Browser): Promise<void> {
  const ground = await prepare(browser, trial.transport, 'deny')
  let session: Session | undefined
  try {
    session = await client.open(ground.place)
    const { login } = session
    await step(trial, 'denied', async () => {
      const words = await login()
      expectThat(
        (await ground.place.signIns()) > 0,
        `Nobody was asked to sign in. The client said: ${short(words)}`,
      )
      expectThat(NO.test(words), `The client only said: ${short(words)}`)
      return refusal(words)
    })
  } finally {
    await session?.close?.()
    await ground.close()
  }
}

/** Tries one client over one transport: once with a person who approves, once with one who declines. */
export async function tryClient(
  client: Client,
  transport: Transport,
  browser: Browser,
  images?: string,
): Promise<Trial> {
  const begun = performance.now()
  const trial: Trial = { client: client.id, transport, seconds: 0, steps: {} }
  for (const play of [approving, denying]) {
    await play(trial, client, browser, images).catch((error: Error) => {
      trial.steps.login ??= { ok: false, words: short(error.message) }
      say(`FAIL  ${error.message}`)
    })
  }
  trial.seconds = Math.round((performance.now() - begun) / 1000)
  return trial
}
