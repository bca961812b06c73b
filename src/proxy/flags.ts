import { readFile } from 'node:fs/promises'
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { expandVariables } from '../environment.js'
import { ZukoError } from '../errors.js'

/** What the words on the command line mean. Everything here throws a ZukoError USAGE. */

const wrong = (message: string, fix: string): ZukoError => new ZukoError('USAGE', message, { fix })

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** The server's address. Plain http is for loopback, unless the person insists. */
export function serverUrl(text: string, allowsPlainHttp: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw wrong(
      `"${text}" is not the address of a server.`,
      'write one like https://host.example.com/api/mcp',
    )
  }
  if (url.username || url.password) {
    throw wrong(
      'The address holds a password.',
      "leave it out, and pass --header 'Authorization: …' or sign in",
    )
  }
  const isPlain = url.protocol === 'http:' && !LOOPBACK.includes(url.hostname)
  if (isPlain && !allowsPlainHttp) {
    throw wrong(
      `${url.origin} is not encrypted: whoever listens could take your token.`,
      'use https, or pass --allow-unencrypted-http on a network that you trust',
    )
  }
  url.hash = ''
  return url
}

/** `NAME:VALUE` with the environment's values in place of `${NAME}`; later ones win. */
export async function headersFrom(
  lines: readonly string[],
  file: string | undefined,
): Promise<Record<string, string>> {
  const all = [...(file === undefined ? [] : await headerLines(file)), ...lines]
  return Object.fromEntries(all.map(headerFrom))
}

async function headerLines(path: string): Promise<string[]> {
  try {
    const text = await readFile(path, 'utf8')
    return text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'))
  } catch (cause) {
    throw new ZukoError('USAGE', `The file of headers ${path} cannot be read.`, {
      fix: 'check its path',
      cause,
    })
  }
}

/** Never shows the value: it may be a secret. */
function headerFrom(line: string): [string, string] {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(colon, 0)).trim()
  const value = expandVariables(line.slice(colon + 1).trim())
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return [name, value]
  } catch {
    throw wrong(`The header ${JSON.stringify(name)} is not one.`, "write --header 'NAME: VALUE'")
  }
}

/** Seconds of a flag as milliseconds. */
export function seconds(flag: string, text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000
  throw wrong(`${flag} ${JSON.stringify(text)} is not a number of seconds.`, `write ${flag} 60`)
}

export function portNumber(flag: string, text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65535) return port
  throw wrong(`${flag} ${JSON.stringify(text)} is not a port.`, `write ${flag} 8765`)
}
