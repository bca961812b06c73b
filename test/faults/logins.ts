/** Processes that are killed while they keep a login. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openTokenCache } from '../../src/proxy/token-cache.js'
import { fakeAuth } from '../helpers/fake-auth.js'
import { computer, until } from '../helpers/processes.js'
import { ROOT } from '../helpers/sources.js'

const BUILD = join(ROOT, 'dist')
const WRITER = fileURLToPath(new URL('../helpers/token-writer.mjs', import.meta.url))
const AT_ONCE = 5

const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms))

/** How many of the files of logins do not parse. */
function unreadable(directory: string): number {
  const parses = (name: string) => {
    try {
      return JSON.parse(readFileSync(join(directory, name), 'utf8')) !== undefined
    } catch {
      return false
    }
  }
  return readdirSync(directory).filter((name) => name.endsWith('.json') && !parses(name)).length
}

/** Writers, five at once, each killed while it keeps one login after another as fast as it can. */
export async function killWriters({ kills }: { kills: number }) {
  const root = mkdtempSync(join(tmpdir(), 'zuko-kill-'))
  const directory = join(root, 'logins')
  const url = new URL('https://crm.example/api/mcp')
  const cache = openTokenCache({ url, profile: 'default', directory, store: 'file', say: () => {} })
  const figures = { kills: 0, kept: 0, unreadable: 0 }
  const writeAndDie = async () => {
    const writer = fork(WRITER, [BUILD, directory])
    const exited = once(writer, 'exit')
    await once(writer, 'message')
    await pause(Math.random() * 20)
    writer.kill('SIGKILL')
    const [code, signal] = await exited
    if (code === null && signal === 'SIGKILL') figures.kills++
    if (/^a+$/.test((await cache.credential())?.accessToken ?? '')) figures.kept++
    figures.unreadable += unreadable(directory)
  }
  const killer = async (share: number) => {
    for (let kill = 0; kill < share; kill++) await writeAndDie()
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, () => killer(kills / AT_ONCE)))
    return figures
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** Processes, one after another, each killed at any moment of a renewal; then one that has to be served. */
export async function killRenewals({ kills }: { kills: number }) {
  const auth = await fakeAuth()
  const home = computer(BUILD)
  const figures = { kills: 0, unreadable: 0 }
  const started = async (later: number) => {
    const one = home.start({ url: auth.url.href, later })
    await one.next('ready')
    return one
  }
  try {
    const first = await started(0)
    first.send('call')
    await fetch(await until(() => home.tabs()[0], 'a tab'))
    await first.next('status')
    first.send('close')
    await first.exited
    auth.behave.tokenDelayMs = 5
    for (; figures.kills < kills; figures.kills++) {
      auth.expireAccess()
      const victim = await started(figures.kills * 61_000)
      victim.send('call')
      await pause(Math.random() * 120)
      victim.child.kill('SIGKILL')
      await victim.exited
      figures.unreadable += unreadable(home.directory)
    }
    auth.expireAccess()
    const survivor = await started((kills + 1) * 61_000)
    survivor.send('call')
    const { status } = await survivor.next('status')
    survivor.send('close')
    await survivor.exited
    const sockets = readdirSync(home.directory, { withFileTypes: true }).filter((entry) => entry.isSocket())
    return { ...figures, served: status === 200, tabs: home.tabs().length, sockets: sockets.length }
  } finally {
    home.remove()
    await auth.close()
  }
}
