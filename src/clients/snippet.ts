import type { Client, Command, Entry, Via } from './client.js'

/** The program that stands between a client and the address; Windows starts npx through its shell only. */
export const bridge = (url: string, platform?: NodeJS.Platform): Command => {
  const command = ['npx', '-y', 'zuko-mcp', 'proxy', url] as const
  return platform === 'win32' ? ['cmd', '/c', ...command] : command
}

/** What a client has to be told about a server. */
export const entryOf = (client: Client, url: string, via: Via, platform?: NodeJS.Platform): Entry =>
  via === 'http' ? client.http(url) : client.program(bridge(url, platform))

/** A value as JSON and as TOML write it: strings, booleans and lists of strings look the same in both. */
const inline = (value: Entry[string]): string =>
  typeof value === 'object'
    ? `[${value.map((one) => JSON.stringify(one)).join(', ')}]`
    : JSON.stringify(value)

/** A table of TOML, its lines parted by "\n", without one at its end. */
export const tomlTable = (path: readonly string[], entry: Entry): string =>
  [`[${path.join('.')}]`, ...Object.entries(entry).map(([key, value]) => `${key} = ${inline(value)}`)].join(
    '\n',
  )

/** What a person would copy into a file that is empty. */
export function snippetOf(client: Client, name: string, entry: Entry): string {
  if (client.format === 'toml') return tomlTable([...client.key, name], entry)
  const document = [...client.key, name].reduceRight<unknown>((inner, key) => ({ [key]: inner }), entry)
  return JSON.stringify(document, null, 2)
}

/** One word of a shell command: quoted only when it must be. */
const word = (text: string): string =>
  /^[\w:/.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

/** The client's own command as a person types it into a shell. */
export const commandLine = (words: readonly string[]): string => words.map(word).join(' ')
