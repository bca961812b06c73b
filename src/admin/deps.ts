import type { Auth } from '../auth/server.js'
import type { Config } from '../config.js'
import { createLog, type Log } from '../log.js'
import type { OpenStore } from '../store/open.js'
import { type Io, terminalIo } from './io.js'

/** What a command works with. Each part is opened when it is first asked for, so that `--help` opens nothing. */
export interface AdminDeps {
  io: Io
  /** Aborts when the command should end. */
  signal: AbortSignal
  now(): Date
  config(): Promise<Readonly<Config>>
  store(): Promise<OpenStore>
  auth(): Promise<Auth>
}

/** Runs one command's work with what it needs, and closes all of it afterwards. */
export type Act = (work: (deps: AdminDeps) => Promise<void>) => Promise<void>

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** At the default level a command's own words are enough: the log of the store's doings stays quiet. */
const quietLog = ({ logLevel }: Pick<Config, 'logLevel'>): Log =>
  createLog(logLevel === 'info' ? 'warn' : logLevel)

/** Commands on the configured store, from the process's own terminal. */
export const actOnTerminal =
  (signal: AbortSignal): Act =>
  async (work) => {
    const closing: (() => Promise<void>)[] = []
    const io = terminalIo(signal)
    const config = once(async () => (await import('../config.js')).readConfig())
    const store = once(async () => {
      const settings = await config()
      const { openStore } = await import('../store/open.js')
      const store = await openStore(settings.database, { log: quietLog(settings) })
      closing.push(() => store.close())
      return store
    })
    const auth = once(async () => {
      const [settings, opened] = [await config(), await store()]
      const [{ createAuth }, { loadSecret }] = await Promise.all([
        import('../auth/server.js'),
        import('../config.js'),
      ])
      const { backendUrl } = settings
      return createAuth({ store: opened, backendUrl, secret: loadSecret(settings), log: quietLog(settings) })
    })
    try {
      await work({ io, signal, now: () => new Date(), config, store, auth })
    } finally {
      io.status('')
      for (const close of closing) await close()
    }
  }
