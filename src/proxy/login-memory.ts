import type { Credential, TokenCache } from './token-cache.js'

/** What this process knows of the login, and who wants to hear of a new one. */
export interface Memory {
  current: Credential | undefined
  listeners: (() => void)[]
  /** What is kept now; a login that is gone from there is gone from here. */
  found(credential: Credential | undefined): Credential | undefined
  /** Remembers what was found or brought, and tells of a login that was not known before. Gives back the first. */
  remember(credential: Credential | undefined): Credential | undefined
}

export function createMemory(): Memory {
  let login: string | undefined
  const memory: Memory = {
    current: undefined,
    listeners: [],
    found: (credential) => {
      memory.current = credential
      return memory.remember(credential)
    },
    remember: (credential) => {
      const before = login
      login = credential?.loginId ?? before ?? 'none'
      memory.current = credential ?? memory.current
      if (before !== undefined && login !== before) for (const listener of memory.listeners) listener()
      return credential
    },
  }
  return memory
}

/** Learns of logins that siblings bring. Watches only once one was missed: many servers need none. */
export function watchLogins(cache: TokenCache, memory: Memory): { start(): void; stop(): void } {
  let stopped = false
  let stop: Promise<() => void> | undefined
  const look = async () => {
    const kept = await cache.credential().catch(() => undefined)
    if (kept && !stopped) memory.remember(kept)
  }
  return {
    start: () => {
      stop ??= cache.watch(() => void look())
    },
    stop: () => {
      stopped = true
      void stop?.then((end) => end())
    },
  }
}
