import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { doctorCommand } from '../../src/proxy/commands/doctor.js'
import { loginCommand } from '../../src/proxy/commands/login.js'
import { openSession } from '../../src/proxy/session.js'
import type { ProxyOptions, Session } from '../../src/proxy/types.js'
import { type FakeAuth, fakeAuth } from '../helpers/fake-auth.js'
import { type Desk, desk } from '../helpers/proxy-login.js'

let auth: FakeAuth
let person: Desk
const sessions: Session[] = []

beforeEach(async () => {
  auth = await fakeAuth()
  person = await desk(auth)
})
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()))
  await auth.close()
  await person.clean()
})

/** A client that the server knows beforehand. */
async function preRegistered(method: string): Promise<{ id: string; secret: string }> {
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

async function secretFile(text: string): Promise<string> {
  const path = join(person.options.directory, '..', 'secret')
  await writeFile(path, text)
  return path
}

describe('a client that acts for itself', () => {
  const own = async (more: Partial<ProxyOptions> = {}): Promise<Session> => {
    const { id, secret } = await preRegistered('client_secret_basic')
    const session = openSession({
      ...person.options,
      clientCredentials: true,
      clientId: id,
      clientSecretFile: await secretFile(secret),
      ...more,
    })
    sessions.push(session)
    return session
  }

  it('gets its token without a person', async () => {
    const token = await (await own()).token()
    expect(auth.isGood(token ?? '')).toBe(true)
    expect(auth.of('/auth/token')[0]?.form.get('resource')).toBe(auth.url.href)
    expect(person.tabs).toHaveLength(0)
  })

  it('gets another when it is refused, once for many calls', async () => {
    const session = await own()
    const token = await session.token()
    auth.expireAccess()
    const refusal = { status: 401 as const, wwwAuthenticate: undefined, token }
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => session.challenged(refusal)))
    expect(new Set(outcomes.map((outcome) => outcome.kind))).toEqual(new Set(['token']))
    expect(auth.of('/auth/token')).toHaveLength(2)
  })

  it('asks for the scopes it was given', async () => {
    await (await own({ scope: 'tasks:write' })).token()
    expect(auth.of('/auth/token')[0]?.form.get('scope')).toBe('tasks:write')
  })

  it('signs in ahead and is found sound by the doctor', async () => {
    const { id, secret } = await preRegistered('client_secret_basic')
    const options = {
      ...person.options,
      clientCredentials: true,
      clientId: id,
      clientSecretFile: await secretFile(secret),
    }
    const { data: before } = await doctorCommand(options)
    expect(before.filter(({ state }) => state !== 'ok')).toEqual([])
    expect((await loginCommand(options)).data.login).toBe('kept')
    expect(person.tabs).toHaveLength(0)
  })

  it('is not sent to a browser when its token is refused', async () => {
    const { id, secret } = await preRegistered('client_secret_basic')
    auth.behave.grants = ['tasks:read']
    const login = loginCommand({
      ...person.options,
      clientCredentials: true,
      clientId: id,
      clientSecretFile: await secretFile(secret),
      scope: 'tasks:read tasks:write',
    })
    await expect(login).rejects.toThrow("The server refuses the client's own token.")
    expect(person.tabs).toHaveLength(0)
  })

  it('says what is missing', async () => {
    const session = await own({ clientSecretFile: undefined as unknown as string })
    expect(
      await session.challenged({ status: 401, wwwAuthenticate: undefined, token: undefined }),
    ).toMatchObject({
      kind: 'failed',
      fix: 'pass --client-id and --client-secret-file',
    })
  })

  it.each([
    ['a P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'ES256'],
    ['an RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, 'RS256'],
  ])('signs for itself with %s key (RFC 7523)', async (_name, key, algorithm) => {
    const pem = key.export({ type: 'pkcs8', format: 'pem' }) as string
    const session = await own()
    await session.token()
    const { id } = await preRegistered('none')
    const signing = openSession({
      ...person.options,
      clientCredentials: true,
      clientId: id,
      clientSecretFile: await secretFile(pem),
    })
    sessions.push(signing)
    await signing.token()
    const assertion = auth.of('/auth/token').at(-1)?.form.get('client_assertion') ?? ''
    const header = JSON.parse(Buffer.from(assertion.split('.')[0] ?? '', 'base64url').toString())
    expect(header.alg).toBe(algorithm)
  })
})
