import { ACTIONS, type ProxyContext } from './actions.js'
import type { Flags } from './options.js'

/** The flags of the bridge that take a value, and those that take none; `command.ts` says what they are for. */
const VALUES = [
  'profile',
  'client-id',
  'client-secret-file',
  'client-metadata-url',
  'resource',
  'header',
  'header-file',
  'scope',
  'callback-port',
  'auth-timeout',
  'call-timeout',
]
const SWITCHES = ['allow-unencrypted-http', 'client-credentials', 'no-browser', 'device']

/** What a host asks of the bridge. */
export interface Asked {
  address: string | undefined
  flags: Flags
}

/**
 * What the words after `proxy` say where they are an address and flags of the bridge; undefined where they may be
 * anything else: another command, a wish for help, a mistake. Those are for commander, which a host would have to
 * wait for, and which says the same about these.
 */
export function bridgeAsked(words: readonly string[]): Asked | undefined {
  const flags: Record<string, unknown> = {}
  const header: string[] = []
  let address: string | undefined
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const [, name = '', given] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? []
    if (VALUES.includes(name)) {
      const value = given ?? words[++at]
      if (value === undefined || value.startsWith('-')) return undefined
      if (name === 'header') header.push(value)
      else flags[camelCase(name)] = value
    } else if (SWITCHES.includes(name) && given === undefined) {
      flags[camelCase(name.replace('no-', ''))] = !name.startsWith('no-')
    } else if (address === undefined && /^https?:/.test(word)) address = word
    else return undefined
  }
  return { address, flags: { ...flags, header } }
}

const camelCase = (name: string): string =>
  name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

/** Runs the bridge where that is what the words after `proxy` ask for; else undefined. */
export function startBridge(words: readonly string[], context: ProxyContext): Promise<void> | undefined {
  const asked = bridgeAsked(words)
  return asked && ACTIONS.relay(asked.address, asked.flags, context)
}
