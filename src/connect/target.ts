import { ZukoError } from '../errors.js'

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

const wrong = (message: string, fix: string): ZukoError => new ZukoError('USAGE', message, { fix })

/**
 * The address of a server as every client will be told it, in the spelling of the URL standard.
 * @throws ZukoError USAGE
 */
export function serverAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw wrong(
      `"${text}" is not the address of a server.`,
      'write one like https://host.example.com/api/mcp',
    )
  }
  if (url.username || url.password) throw wrong('The address holds a password.', 'leave it out, and sign in')
  if (url.protocol === 'http:' && !LOOPBACK.includes(url.hostname)) {
    throw wrong(`${url.origin} is not encrypted: whoever listens could take your token.`, 'use https')
  }
  url.hash = ''
  return url.href
}

/**
 * An address as Windows may be told it: there its shell starts the bridge, and would act on some characters.
 * @throws ZukoError USAGE
 */
export function shellSafe(url: string): string {
  if (!/[&|<>^%"]/.test(url)) return url
  throw wrong(`The shell of Windows would read ${url} in its own way.`, 'use --via http')
}

/** The name of a server, of the characters that every client takes. */
export function serverName(text: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(text)) return text
  throw wrong(`"${text}" is not a name that every client takes.`, 'use letters, digits, - and _')
}

/** The address that an entry leads to, directly or through a bridge; undefined where there is none. */
export function addressIn(entry: unknown): string | undefined {
  const texts = Object.values(typeof entry === 'object' && entry !== null ? entry : {}).flat()
  const address = texts.find(
    (text) => typeof text === 'string' && /^https?:/.test(text) && URL.canParse(text),
  )
  return address === undefined ? undefined : new URL(address as string).href
}
