import type { CommanderError } from 'commander'
import type { AdminDeps } from '../../src/admin/deps.js'
import { adminCommand } from '../../src/admin/index.js'
import type { Io } from '../../src/admin/io.js'
import { createAuth } from '../../src/auth/server.js'
import { throwing } from '../../src/cli.js'
import { readConfig } from '../../src/config.js'
import { ZukoError } from '../../src/errors.js'
import { createLog } from '../../src/log.js'
import { openStore } from '../../src/store/open.js'

export const NOW = new Date('2026-03-01T09:00:00.000Z')

/** A terminal that answers from a script and keeps what it was told; it leaves when the script ends. */
export function scriptedIo(script: { stdin?: string; answers?: string[]; isTTY?: boolean } = {}) {
  const { stdin = '', answers = [], isTTY = answers.length > 0 } = script
  const out: string[] = []
  const err: string[] = []
  const left = [...answers]
  const io: Io = {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    isTTY,
    stdin: async () => stdin,
    confirm: async (question) => {
      err.push(question)
      return left.shift() === 'y'
    },
    status: () => {},
    askHidden: async (question) => {
      err.push(question)
      const answer = left.shift()
      if (answer === undefined) throw new ZukoError('INTERRUPTED', 'Interrupted; nothing changed.')
      return answer
    },
  }
  return { io, out, err }
}

export type Terminal = ReturnType<typeof scriptedIo>

/** The admin commands at a fixed time, on a new store in memory or on the file that DATABASE_URL names. */
export async function adminBench(env: NodeJS.ProcessEnv = {}) {
  const config = readConfig(env)
  const store = await openStore(env.DATABASE_URL ? config.database : ':memory:')
  const auth = await createAuth({
    store,
    backendUrl: config.backendUrl,
    secret: 'a secret of the tests, 32 characters',
    log: createLog('silent'),
    now: () => NOW,
  })
  const deps = (io: Io): AdminDeps => ({
    io,
    signal: new AbortController().signal,
    now: () => NOW,
    config: async () => config,
    store: async () => store,
    auth: async () => auth,
  })

  /** Runs one command line and answers what it printed on stdout. */
  async function run(args: readonly string[], terminal: Terminal = scriptedIo()): Promise<string> {
    const { signal } = new AbortController()
    const command = throwing(adminCommand({ signal }, (work) => work(deps(terminal.io))))
    await command.parseAsync(args, { from: 'user' })
    return terminal.out.join('\n')
  }

  /** Runs one command line that has to fail, and answers its error. */
  async function refusal(args: readonly string[], terminal?: Terminal): Promise<ZukoError> {
    const error: ZukoError | CommanderError | undefined = await run(args, terminal).then(
      () => undefined,
      (thrown) => thrown,
    )
    if (error instanceof ZukoError) return error
    throw new Error(`"${args.join(' ')}" was not refused.`, { cause: error })
  }

  /** The help of one command, as it is printed. */
  async function help(path: readonly string[]): Promise<string> {
    const { signal } = new AbortController()
    const admin = adminCommand({ signal }, (work) => work(deps(scriptedIo().io)))
    let at = admin
    for (const name of path) {
      const next = at.commands.find((command) => command.name() === name)
      if (!next) throw new Error(`There is no command "${path.join(' ')}".`)
      at = next
    }
    return at.helpInformation()
  }

  return {
    store,
    auth,
    config,
    deps,
    run,
    help,
    refusal,
    json: async (args: string[]) => JSON.parse(await run(args)),
  }
}

export type AdminBench = Awaited<ReturnType<typeof adminBench>>
