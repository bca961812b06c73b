import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { openSession } from '../../src/proxy/session.js'
import type { Outcome, ProxyOptions, Session } from '../../src/proxy/types.js'
import { type FakeAuth, fakeAuth } from './fake-auth.js'
import { type Desk, desk } from './proxy-login.js'

export interface Rig {
  readonly auth: FakeAuth
  readonly person: Desk
  /** Opens a session that is closed with the test. */
  open(more?: Partial<ProxyOptions>): Session
  /** A call without a token was refused: what a session of its own says. */
  challenge(more?: Partial<ProxyOptions>): Promise<Outcome>
  /** A client that the server knows beforehand, as a request nobody counts. */
  preRegistered(method: string): Promise<{ id: string; secret: string }>
  /** The path of a file that holds a secret. */
  secretFile(text: string): Promise<string>
  /** What the server says to a call. */
  call(
    token: string | undefined,
    name?: string,
  ): Promise<{ status: 200 | 401 | 403; wwwAuthenticate: string | undefined }>
  /** Calls, and takes the refusal to the session, as the relay does. */
  refused(session: Session, token: string | undefined, name?: string): Promise<Outcome>
  /** The token in the end; a person follows the address where no browser went there by itself. */
  tokenOf(outcome: Outcome): Promise<string>
}

/** For each test: a server that refuses, a person who signs in, and sessions between them. */
export function rig(): Rig {
  const sessions: Session[] = []
  let auth: FakeAuth
  let person: Desk
  beforeEach(async () => {
    auth = await fakeAuth()
    person = await desk(auth)
  })
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()))
    await auth.close()
    await person.clean()
  })
  const call: Rig['call'] = async (token, name = 'read') => {
    const response = await fetch(auth.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } }),
    })
    const wwwAuthenticate = response.headers.get('www-authenticate') ?? undefined
    return { status: response.status as 200 | 401 | 403, wwwAuthenticate }
  }
  const open: Rig['open'] = (more = {}) => {
    const session = openSession({ ...person.options, ...more })
    sessions.push(session)
    return session
  }
  return {
    get auth() {
      return auth
    },
    get person() {
      return person
    },
    open,
    challenge: (more) => open(more).challenged({ status: 401, wwwAuthenticate: undefined, token: undefined }),
    preRegistered: (method) => preRegistered(auth, method),
    secretFile: async (text) => {
      const path = join(person.options.directory, '..', 'secret')
      await writeFile(path, text)
      return path
    },
    call,
    refused: async (session, token, name) => {
      const { status, wwwAuthenticate } = await call(token, name)
      if (status === 200) throw new Error('The call was not refused.')
      return session.challenged({ status, wwwAuthenticate, token })
    },
    tokenOf: async (outcome) => {
      if (outcome.kind === 'failed') throw new Error(outcome.message)
      if (outcome.kind === 'token') return outcome.token
      if (!person.tabs.some(({ href }) => href === outcome.url)) await fetch(outcome.url)
      return outcome.done
    },
  }
}

async function preRegistered(auth: FakeAuth, method: string): Promise<{ id: string; secret: string }> {
  const response = await fetch(`${auth.issuer}/register`, {
    method: 'POST',
    body: JSON.stringify({
      redirect_uris: ['http://127.0.0.1/callback'],
      token_endpoint_auth_method: method,
    }),
  })
  const body = (await response.json()) as { client_id: string; client_secret: string }
  auth.requests.length = 0
  return { id: body.client_id, secret: body.client_secret }
}
