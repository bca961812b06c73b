import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { expect } from 'vitest'
import { CALLBACK } from './oauth.js'

/** The person at the browser: signs in at the address that a client opens; answers the callback's query. */
export type Person = (url: URL) => Promise<URLSearchParams>

/** What an SDK client asks of its host: places to keep things, and a browser to send the person to. */
function hostFor(person: Person) {
  const kept: Record<string, unknown> = {}
  let opened: URL | undefined
  const keep = (name: string, value: unknown) => {
    kept[name] = value
  }
  return {
    redirectUrl: CALLBACK,
    clientMetadata: {
      client_name: 'SDK client',
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    state: () => 'state-of-the-host',
    clientInformation: () => kept.client as never,
    saveClientInformation: (client: unknown) => keep('client', client),
    tokens: () => kept.tokens as never,
    saveTokens: (tokens: unknown) => keep('tokens', tokens),
    codeVerifier: () => kept.verifier as string,
    saveCodeVerifier: (verifier: string) => keep('verifier', verifier),
    discoveryState: () => kept.discovery as never,
    saveDiscoveryState: (state: unknown) => keep('discovery', state),
    redirectToAuthorization: (url: URL) => {
      opened = url
    },
    async signIn(): Promise<URLSearchParams> {
      if (!opened) throw new Error('the client opened no browser')
      return person(opened)
    },
  }
}

export interface Calling {
  listTools(): Promise<{ tools: { name: string }[] }>
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>
  close(): Promise<void>
}

/** A client of the v1 SDK that was refused at `resource`, had its person sign in, and is connected now. */
export async function loggedInV1(resource: string, person: Person): Promise<Calling> {
  const host = hostFor(person)
  const transport = () => new TransportV1(new URL(resource), { authProvider: host })
  const first = transport()
  await expect(new ClientV1({ name: 'v1', version: '1' }).connect(first)).rejects.toThrow('Unauthorized')
  await first.finishAuth((await host.signIn()).get('code') ?? '')
  const client = new ClientV1({ name: 'v1', version: '1' })
  await client.connect(transport())
  return client
}

/** The same with the v2 SDK, in the era that `mode` allows. */
export async function loggedInV2(
  resource: string,
  person: Person,
  mode: 'legacy' | 'auto',
): Promise<Calling> {
  const host = hostFor(person)
  const transport = () => new TransportV2(new URL(resource), { authProvider: host })
  const first = transport()
  const options = { versionNegotiation: { mode } }
  await expect(new ClientV2({ name: 'v2', version: '1' }, options).connect(first)).rejects.toThrow()
  await first.finishAuth(await host.signIn())
  const client = new ClientV2({ name: 'v2', version: '1' }, options)
  await client.connect(transport())
  return client
}
