import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ZukoError } from '../errors.js'
import { closingPage, type Ending, PAGE_HEADERS } from './closing-page.js'

const PATH = '/callback'

/** What the answer to one authorization request has to carry. */
export interface Expected {
  state: string
  issuer: string
  /** RFC 9207: the server says that it always names itself. */
  issuerRequired: boolean
}

/** A genuine answer: a code to redeem, or the server's word that there is none. */
export type Reply = { code: string; search: string } | { error: string }

/**
 * Judges an authorization response before anything of it is used: one `state`, ours, compared in constant time,
 * and one `iss` as RFC 9207 section 2.4 has it, compared character for character. Undefined for anything else,
 * errors included: whoever forges an answer can neither finish nor end a login.
 */
export function genuineReply(parameters: URLSearchParams, expected: Expected): Reply | undefined {
  const state = only(parameters, 'state')
  if (state === undefined || !sameText(state, expected.state)) return undefined
  const issuers = parameters.getAll('iss')
  if (issuers.length > 1 || (issuers.length === 0 && expected.issuerRequired)) return undefined
  if (issuers.length === 1 && issuers[0] !== expected.issuer) return undefined
  const code = only(parameters, 'code')
  const error = only(parameters, 'error')
  if (code !== undefined && error === undefined) return { code, search: `?${parameters}` }
  if (error === undefined || code !== undefined) return undefined
  return { error: /^[a-z_]{1,64}$/.test(error) ? error : 'an error' }
}

function only(parameters: URLSearchParams, name: string): string | undefined {
  const values = parameters.getAll(name)
  return values.length === 1 && values[0] ? values[0] : undefined
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
const sameText = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other))

/** The loopback address that a browser comes back to (RFC 8252 section 7.3). */
export interface Callback {
  redirectUri: string
  /**
   * Waits for the first genuine answer, and lets `finish` decide what the browser is shown at the end of it.
   * Everything else, before and after, gets a refusal and changes nothing.
   */
  expect(expected: Expected, finish: (reply: Reply) => Promise<boolean>): void
  close(): void
}

/**
 * Listens on 127.0.0.1, at `port` or, where that is taken and not `fixed`, at any free one.
 * @throws ZukoError FAILED when a fixed port is taken
 */
export async function openCallback(port: number, fixed: boolean): Promise<Callback> {
  let waiting: { expected: Expected; finish: (reply: Reply) => Promise<boolean> } | undefined
  const server = createServer({ maxHeaderSize: 16 * 1024 }, (request, response) => {
    request.resume()
    void answer(request).then((ending) => show(response, ending))
  })
  const answer = async (request: IncomingMessage): Promise<Ending> => {
    const parameters = parametersOf(request, own.host)
    if (typeof parameters === 'string') return parameters
    const reply = waiting && genuineReply(parameters, waiting.expected)
    if (!waiting || !reply) return 'refused'
    const { finish } = waiting
    waiting = undefined
    return (await finish(reply)) ? 'signed-in' : 'not-signed-in'
  }
  server.headersTimeout = 5_000
  server.requestTimeout = 5_000
  await listen(server, port, fixed)
  const own = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`)
  return {
    redirectUri: `http://127.0.0.1:${own.port || 80}${PATH}`,
    expect: (expected, finish) => {
      waiting = { expected, finish }
    },
    close: () => {
      waiting = undefined
      server.close()
      server.closeIdleConnections()
      setTimeout(() => server.closeAllConnections(), 250).unref()
    },
  }
}

async function listen(server: ReturnType<typeof createServer>, port: number, fixed: boolean): Promise<void> {
  const attempt = (at: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: '127.0.0.1', port: at, exclusive: true }, () => {
        server.off('error', reject)
        server.on('error', () => {})
        resolve()
      })
    })
  try {
    await attempt(port)
  } catch (error) {
    if (fixed) {
      throw new ZukoError('FAILED', `Port ${port} for the sign-in is taken.`, {
        fix: 'free it, or leave --callback-port out',
        cause: error,
      })
    }
    await attempt(0)
  }
}

/** The query of a GET for our path under our own name; else what the browser is shown. */
function parametersOf(request: IncomingMessage, host: string): URLSearchParams | Ending {
  const hosts = request.headersDistinct.host ?? []
  if (hosts.length !== 1 || hosts[0] !== host || request.method !== 'GET') return 'refused'
  const [path, query = ''] = (request.url ?? '').split(/\?(.*)/s)
  return path === PATH ? new URLSearchParams(query) : 'not-found'
}

function show(response: ServerResponse, ending: Ending): void {
  const { status, html } = closingPage(ending)
  response.writeHead(status, PAGE_HEADERS).end(html)
}
