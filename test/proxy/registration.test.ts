import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ProxyOptions } from '../../src/proxy/types.js'
import { rig } from '../helpers/proxy-session.js'

const at = rig()

const logIn = async (more: Partial<ProxyOptions> = {}): Promise<string> =>
  at.tokenOf(await at.challenge(more))

const redirectOf = (visit: number): URL =>
  new URL(at.auth.of('/auth/authorize').at(visit)?.query.get('redirect_uri') ?? '')

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
    expect(at.auth.of('/auth/register')[0]?.json).toEqual({
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
    at.auth.behave.metadata = { token_endpoint_auth_methods_supported: ['client_secret_basic'] }
    await logIn()
    expect(at.auth.of('/auth/token')[0]?.headers.authorization).toMatch(/^Basic /)
  })

  it('is used again at the next login, at the same address', async () => {
    const session = at.open()
    const token = await at.tokenOf(await at.refused(session, undefined))
    at.auth.revokeAll()
    await at.tokenOf(await at.refused(session, token))
    expect(at.auth.of('/auth/register')).toHaveLength(1)
    expect(redirectOf(-1).href).toBe(redirectOf(0).href)
  })

  it('keeps its registration when its port is taken and the server lets ports vary', async () => {
    await logIn()
    const { port } = redirectOf(0)
    const squatter = await occupy(port)
    await logIn({ profile: 'default', scope: 'tasks:write', resource: at.auth.url.href })
    squatter.close()
    expect(redirectOf(-1).port).not.toBe(port)
    expect(at.auth.of('/auth/register')).toHaveLength(1)
  })

  it('is registered anew when its port is taken and the server is strict about it', async () => {
    at.auth.behave.strictRedirect = true
    await logIn()
    const squatter = await occupy(redirectOf(0).port)
    await logIn({ resource: at.auth.url.href })
    squatter.close()
    expect(at.auth.of('/auth/register')).toHaveLength(2)
    expect(at.auth.of('/auth/register')[1]?.json.redirect_uris).toEqual([redirectOf(-1).href])
    expect(at.person.tabs).toHaveLength(2)
  })

  it('is registered anew, before a person sees a thing, when the server has forgotten it', async () => {
    await logIn()
    at.auth.forgetClients()
    await logIn({ resource: at.auth.url.href })
    expect(at.auth.of('/auth/register')).toHaveLength(2)
    expect(at.person.tabs).toHaveLength(2)
    for (const visit of at.person.visits) expect((await visit).status).toBe(200)
  })

  it('is registered anew, once, when the token endpoint does not know it', async () => {
    at.auth.behave.answers.set('/auth/token', { status: 401, body: '{"error":"invalid_client"}', times: 1 })
    const outcome = await at.challenge()
    if (outcome.kind !== 'sign-in') throw new Error('The person is asked.')
    await outcome.done
    expect(at.auth.of('/auth/register')).toHaveLength(2)
  })

  it('is not registered for ever', async () => {
    at.auth.behave.answers.set('/auth/token', { status: 400, body: '{"error":"unauthorized_client"}' })
    const outcome = await at.challenge()
    if (outcome.kind !== 'sign-in') throw new Error('The person is asked.')
    await expect(outcome.done).rejects.toThrow(
      'The authorization server refused the sign-in (unauthorized_client).',
    )
    expect(at.auth.of('/auth/register')).toHaveLength(2)
  })

  it('is refused in words that help', async () => {
    at.auth.behave.answers.set('/auth/register', { status: 400, body: '{"error":"invalid_client_metadata"}' })
    expect(await at.challenge()).toEqual({
      kind: 'failed',
      message: `${at.auth.issuer} did not register a client (status 400).`,
      fix: 'have a client registered there and pass its id with --client-id',
    })
  })

  it('is asked of the person where the server registers nobody', async () => {
    at.auth.behave.metadata = { registration_endpoint: undefined }
    expect(await at.challenge()).toMatchObject({
      kind: 'failed',
      message: `${at.auth.issuer} registers no clients by itself.`,
      fix: expect.stringContaining('--client-id'),
    })
  })
})

describe('a client that is given', () => {
  it('comes before every other', async () => {
    at.auth.behave.metadata = { client_id_metadata_document_supported: true }
    const { id } = await at.preRegistered('none')
    await logIn({ clientId: id, clientMetadataUrl: 'https://client.example/document' })
    expect(at.auth.of('/auth/register')).toHaveLength(0)
    expect(at.auth.of('/auth/authorize')[0]?.query.get('client_id')).toBe(id)
  })

  it('sends the secret of its file', async () => {
    const { id, secret } = await at.preRegistered('client_secret_basic')
    await logIn({ clientId: id, clientSecretFile: await at.secretFile(`${secret}\n`) })
    const basic = Buffer.from(`${id}:${secret}`).toString('base64')
    expect(at.auth.of('/auth/token')[0]?.headers.authorization).toBe(`Basic ${basic}`)
  })

  it('says which file holds no secret', async () => {
    const path = await at.secretFile('')
    expect(await at.challenge({ clientId: 'x', clientSecretFile: path })).toMatchObject({
      kind: 'failed',
      message: `The client secret file ${path} is empty.`,
    })
  })

  it('says which file is missing', async () => {
    expect(await at.challenge({ clientId: 'x', clientSecretFile: '/nowhere/secret' })).toMatchObject({
      kind: 'failed',
      message: 'The client secret file /nowhere/secret cannot be read.',
    })
  })

  it('never has its secret kept here', async () => {
    const { id, secret } = await at.preRegistered('client_secret_basic')
    await logIn({ clientId: id, clientSecretFile: await at.secretFile(secret) })
    const { readdir, readFile } = await import('node:fs/promises')
    for (const name of await readdir(at.person.options.directory)) {
      expect(await readFile(join(at.person.options.directory, name), 'utf8')).not.toContain(secret)
    }
  })
})

describe('a client metadata document', () => {
  it('comes before registration where the server reads it', async () => {
    at.auth.behave.metadata = { client_id_metadata_document_supported: true }
    await logIn({ clientMetadataUrl: 'https://client.example/document' })
    expect(at.auth.of('/auth/register')).toHaveLength(0)
    expect(at.auth.of('/auth/authorize')[0]?.query.get('client_id')).toBe('https://client.example/document')
  })

  it('gives way to registration where the server does not', async () => {
    await logIn({ clientMetadataUrl: 'https://client.example/document' })
    expect(at.auth.of('/auth/register')).toHaveLength(1)
  })

  it.each(['http://client.example/document', 'https://client.example/', 'nonsense'])(
    '%s is refused',
    async (address) => {
      at.auth.behave.metadata = { client_id_metadata_document_supported: true }
      expect(await at.challenge({ clientMetadataUrl: address })).toMatchObject({
        kind: 'failed',
        message: `${address} is no address of a client metadata document.`,
      })
    },
  )
})
