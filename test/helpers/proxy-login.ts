import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProxyOptions } from '../../src/proxy/types.js'
import type { FakeAuth } from './fake-auth.js'

/** A login's options for tests: a directory of its own, and a person who goes wherever the browser is sent. */
export interface Desk {
  options: ProxyOptions
  /** Every address that a browser was opened with. */
  tabs: URL[]
  /** Every line for people. */
  said: string[]
  /** The answer that the last visit ended on. */
  visits: Promise<Response>[]
  clean(): Promise<void>
}

export async function desk(auth: Pick<FakeAuth, 'url'>, more: Partial<ProxyOptions> = {}): Promise<Desk> {
  const root = await mkdtemp(join(tmpdir(), 'zuko-login-'))
  const tabs: URL[] = []
  const said: string[] = []
  const visits: Promise<Response>[] = []
  const options: ProxyOptions = {
    url: auth.url,
    profile: 'default',
    browser: true,
    clientCredentials: false,
    device: false,
    headers: {},
    authTimeoutMs: 15_000,
    directory: join(root, 'logins'),
    now: Date.now,
    fetch: globalThis.fetch,
    say: (line) => said.push(line),
    openBrowser: async (url) => {
      tabs.push(url)
      const visit = fetch(url)
      visit.catch(() => {})
      visits.push(visit)
    },
    ...more,
  }
  return { options, tabs, said, visits, clean: () => rm(root, { recursive: true, force: true }) }
}
