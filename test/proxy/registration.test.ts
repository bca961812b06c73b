import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSession } from '../../src/proxy/session.js'
import type { Outcome, ProxyOptions, Session } from '../../src/proxy/types.js'
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

function challenge(more: Partial<ProxyOptions> = {}): Promise<Outcome> {
  const session = openSession({ ...person.options, ...more })
  sessions.push(session)
  return session.challenged({ status: 401, wwwAuthenticate: undefined, token: undefined })
}

async function logIn(more: Partial<ProxyOptions> = {}): Promise<string> {
  const outcome = await challenge(more)
  if (outcome.kind === 'failed') throw new Error(outcome.message)
  return outcome.kind === 'token' ? outcome.token : outcome.done
}

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

const redirectOf = (at: number): URL =>
  new URL(auth.of('/auth/authorize').at(at)?.query.get('redirect_uri') ?? '')

/** Takes the port of the last login away. */
async function occupy(port: string): Promise<Server> {
  const server = createServer((_request, response) => response.end('somebody else')).listen(
    Number(port),
    '127.0.0.1',
  )
  await new Promise((resolve) => server.once('listening', resolve))
  return server
}

describe('a client that is registered', () => {
  it('is a native one, for codes and refresh tokens, with its own loopback address', async () => {
    await logIn()
    expect(auth.of('/auth/register')[0]?.json).toEqual({
      client_name: 'Zuko MCP proxy',
      application_type: 'native',
      redirect_uris: [redirectOf(0).href],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      scope: 'tasks:read tasks:write',
    })
  })

  it('uses its secret where the server takes no client without one', async () => {
    auth.behave.metadata = { token_endpoint_auth_methods_supported: ['client_secret_basic'] }
    await logIn()
    expect(auth.of('/auth/token')[0]?.headers.authorization).toMatch(/^Basic /)
  })

  it('is used again at the next login, at the same address', async () => {
    await logIn()
    auth.revokeAll()
    const [first] = sessions
    const token = await first?.token()
    const outcome = await first?.challenged({ status: 401, wwwAuthenticate: undefined, token })
    if (outcome?.kind !== 'sign-in') throw new Error('The person is asked.')
    await fetch(outcome.url)
    await outcome.done
    expect(auth.of('/auth/register')).toHaveLength(1)
    expect(redirectOf(-1).href).toBe(redirectOf(0).href)
  })

  it('keeps its registration when its port is taken and the server lets ports vary', async () => {
    await logIn()
    const { port } = redirectOf(0)
    const squatter = await occupy(port)
    await logIn({ profile: 'default', scope: 'tasks:write', resource: auth.url.href })
    squatter.close()
    expect(redirectOf(-1).port).not.toBe(port)
    expect(auth.of('/auth/register')).toHaveLength(1)
  })

  it('is registered anew when its port is taken and the server is strict about it', async () => {
    auth.behave.strictRedirect = true
    await logIn()
    const squatter = await occupy(redirectOf(0).port)
    await logIn({ resource: auth.url.href })
    squatter.close()
    expect(auth.of('/auth/register')).toHaveLength(2)
    expect(auth.of('/auth/register')[1]?.json.redirect_uris).toEqual([redirectOf(-1).href])
    expect(person.tabs).toHaveLength(2)
  })

  it('is registered anew, before a person sees a thing, when the server has forgotten it', async () => {
    await logIn()
    auth.forgetClients()
    await logIn({ resource: auth.url.href })
    expect(auth.of('/auth/register')).toHaveLength(2)
    expect(person.tabs).toHaveLength(2)
    for (const visit of person.visits) expect((await visit).status).toBe(200)
  })

  it('is registered anew, once, when the token endpoint does not know it', async () => {
    auth.behave.answers.set('/auth/token', { status: 401, body: '{"error":"invalid_client"}', times: 1 })
    const outcome = await challenge()
    if (outcome.kind !== 'sign-in') throw new Error('The person is asked.')
    await outcome.done
    expect(auth.of('/auth/register')).toHaveLength(2)
  })

  it('is not registered for ever', async () => {
    auth.behave.answers.set('/auth/token', { status: 400, body: '{"error":"unauthorized_client"}' })
    const outcome = await challenge()
    if (outcome.kind !== 'sign-in') throw new Error('The person is asked.')
    await expect(outcome.done).rejects.toThrow(
      'The authorization server refused the sign-in (unauthorized_client).',
    )
    expect(auth.of('/auth/register')).toHaveLength(2)
  })

  it('is refused in words that help', async () => {
    auth.behave.answers.set('/auth/register', { status: 400, body: '{"error":"invalid_client_metadata"}' })
    expect(await challenge()).toEqual({
      kind: 'failed',
      message: `${auth.issuer} did not register a client (status 400).`,
      fix: 'have a client registered there and pass its id with --client-id',
    })
  })

  it('is asked of the person where the server registers nobody', async () => {
    auth.behave.metadata = { registration_endpoint: undefined }
    expect(await challenge()).toMatchObject({
      kind: 'failed',
      message: `${auth.issuer} registers no clients by itself.`,
      fix: expect.stringContaining('--client-id'),
    })
  })
})

describe('a client that is given', () => {
  it('comes before every other', async () => {
    auth.behave.metadata = { client_id_metadata_document_supported: true }
    const { id } = await preRegistered('none')
    await logIn({ clientId: id, clientMetadataUrl: 'https://client.example/document' })
    expect(auth.of('/auth/register')).toHaveLength(0)
    expect(auth.of('/auth/authorize')[0]?.query.get('client_id')).toBe(id)
  })

  it('sends the secret of its file', async () => {
    const { id, secret } = await preRegistered('client_secret_basic')
    await logIn({ clientId: id, clientSecretFile: await secretFile(`${secret}\n`) })
    const basic = Buffer.from(`${id}:${secret}`).toString('base64')
    expect(auth.of('/auth/token')[0]?.headers.authorization).toBe(`Basic ${basic}`)
  })

  it('says which file holds no secret', async () => {
    const path = await secretFile('')
    expect(await challenge({ clientId: 'x', clientSecretFile: path })).toMatchObject({
      kind: 'failed',
      message: `The client secret file ${path} is empty.`,
    })
  })

  it('says which file is missing', async () => {
    expect(await challenge({ clientId: 'x', clientSecretFile: '/nowhere/secret' })).toMatchObject({
      kind: 'failed',
      message: 'The client secret file /nowhere/secret cannot be read.',
    })
  })

  it('never has its secret kept here', async () => {
    const { id, secret } = await preRegistered('client_secret_basic')
    await logIn({ clientId: id, clientSecretFile: await secretFile(secret) })
    const { readdir, readFile } = await import('node:fs/promises')
    for (const name of await readdir(person.options.directory)) {
      expect(await readFile(join(person.options.directory, name), 'utf8')).not.toContain(secret)
    }
  })
})

describe('a client metadata document', () => {
  it('comes before registration where the server reads it', async () => {
    auth.behave.metadata = { client_id_metadata_document_supported: true }
    await logIn({ clientMetadataUrl: 'https://client.example/document' })
    expect(auth.of('/auth/register')).toHaveLength(0)
    expect(auth.of('/auth/authorize')[0]?.query.get('client_id')).toBe('https://client.example/document')
  })

  it('gives way to registration where the server does not', async () => {
    await logIn({ clientMetadataUrl: 'https://client.example/document' })
    expect(auth.of('/auth/register')).toHaveLength(1)
  })

  it.each(['http://client.example/document', 'https://client.example/', 'nonsense'])(
    '%s is refused',
    async (address) => {
      auth.behave.metadata = { client_id_metadata_document_supported: true }
      expect(await challenge({ clientMetadataUrl: address })).toMatchObject({
        kind: 'failed',
        message: `${address} is no address of a client metadata document.`,
      })
    },
  )
})
