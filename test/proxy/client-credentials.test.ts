import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { doctorCommand } from '../../src/proxy/commands/doctor.js'
import { loginCommand } from '../../src/proxy/commands/login.js'
import type { ProxyOptions, Session } from '../../src/proxy/types.js'
import { rig } from '../helpers/proxy-session.js'

const at = rig()

describe('a client that acts for itself', () => {
  const own = async (more: Partial<ProxyOptions> = {}): Promise<Session> => {
    const { id, secret } = await at.preRegistered('client_secret_basic')
    const clientSecretFile = await at.secretFile(secret)
    return at.open({ clientCredentials: true, clientId: id, clientSecretFile, ...more })
  }

  it('gets its token without a person', async () => {
    const token = await (await own()).token()
    expect(at.auth.isGood(token ?? '')).toBe(true)
    expect(at.auth.of('/auth/token')[0]?.form.get('resource')).toBe(at.auth.url.href)
    expect(at.person.tabs).toHaveLength(0)
  })

  it('gets another when it is refused, once for many calls', async () => {
    const session = await own()
    const token = await session.token()
    at.auth.expireAccess()
    const refusal = { status: 401 as const, wwwAuthenticate: undefined, token }
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => session.challenged(refusal)))
    expect(new Set(outcomes.map((outcome) => outcome.kind))).toEqual(new Set(['token']))
    expect(at.auth.of('/auth/token')).toHaveLength(2)
  })

  it('asks for the scopes it was given', async () => {
    await (await own({ scope: 'tasks:write' })).token()
    expect(at.auth.of('/auth/token')[0]?.form.get('scope')).toBe('tasks:write')
  })

  it('signs in ahead and is found sound by the doctor', async () => {
    const { id, secret } = await at.preRegistered('client_secret_basic')
    const options = {
      ...at.person.options,
      clientCredentials: true,
      clientId: id,
      clientSecretFile: await at.secretFile(secret),
    }
    const { data: before } = await doctorCommand(options)
    expect(before.filter(({ state }) => state !== 'ok')).toEqual([])
    expect((await loginCommand(options)).data.login).toBe('kept')
    expect(at.person.tabs).toHaveLength(0)
  })

  it('is not sent to a browser when its token is refused', async () => {
    const { id, secret } = await at.preRegistered('client_secret_basic')
    at.auth.behave.grants = ['tasks:read']
    const login = loginCommand({
      ...at.person.options,
      clientCredentials: true,
      clientId: id,
      clientSecretFile: await at.secretFile(secret),
      scope: 'tasks:read tasks:write',
    })
    await expect(login).rejects.toThrow("The server refuses the client's own token.")
    expect(at.person.tabs).toHaveLength(0)
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
    const { id } = await at.preRegistered('none')
    const clientSecretFile = await at.secretFile(pem)
    const signing = at.open({ clientCredentials: true, clientId: id, clientSecretFile })
    await signing.token()
    const assertion = at.auth.of('/auth/token').at(-1)?.form.get('client_assertion') ?? ''
    const header = JSON.parse(Buffer.from(assertion.split('.')[0] ?? '', 'base64url').toString())
    expect(header.alg).toBe(algorithm)
  })
})
