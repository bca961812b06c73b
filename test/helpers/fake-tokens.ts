import { createHash, randomBytes } from 'node:crypto'
import type { Behaviour } from './fake-behaviour.js'
import type { Recorded } from './recorded.js'

interface Grant {
  issuerPath: string
  clientId: string
  scope: string
  resource: string
  revoked: boolean
}

interface Client {
  redirectUris: string[]
  secret: string | undefined
  issuerPath: string
}

interface Code extends Grant {
  challenge: string
  redirectUri: string
  used: boolean
}

interface Access {
  grant: Grant
  expiresAt: number
}

interface Refresh {
  grant: Grant
  usedAt: number | undefined
  answer: string | undefined
}

type Reply = Record<string, unknown>

const secret = (): string => randomBytes(16).toString('base64url')
const portless = (address: string): string => address.replace(/:\d+\//, '/')

export type FakeTokens = ReturnType<typeof fakeTokens>

/** What an authorization server remembers: clients, codes, grants and their tokens. */
export function fakeTokens(behave: Behaviour) {
  const clients = new Map<string, Client>()
  const codes = new Map<string, Code>()
  const accesses = new Map<string, Access>()
  const refreshes = new Map<string, Refresh>()
  const devices = new Map<string, Grant>()
  let refreshed = 0

  const newGrant = (issuerPath: string, clientId: string, asked: URLSearchParams): Grant => ({
    issuerPath,
    clientId,
    scope: scopesOf(asked.get('scope')).join(' '),
    resource: asked.get('resource') ?? '',
    revoked: false,
  })
  const scopesOf = (text: string | null): string[] =>
    (text ?? '').split(' ').filter((scope) => scope && (behave.grants?.includes(scope) ?? true))

  /** Whether the server would show this client a sign-in; else what is wrong. */
  const stranger = (issuerPath: string, clientId: string, redirectUri: string): string | undefined => {
    if (clientId.startsWith('https://')) return undefined
    const client = clients.get(clientId)
    if (client?.issuerPath !== issuerPath) return 'Unknown client'
    const same = behave.strictRedirect ? (text: string) => text : portless
    const fits = client.redirectUris.some((one) => same(one) === same(redirectUri))
    return fits ? undefined : 'Unknown redirect address'
  }

  const issue = (grant: Grant, withRefresh: boolean): Reply => {
    const header = Buffer.from('{"alg":"none"}').toString('base64url')
    const claims = Buffer.from(JSON.stringify({ sub: 'person-1', jti: secret() })).toString('base64url')
    const access = `${header}.${claims}.${secret()}`
    accesses.set(access, { grant, expiresAt: Date.now() + (behave.expiresIn ?? 600) * 1000 })
    const refresh = withRefresh ? secret() : undefined
    if (refresh) refreshes.set(refresh, { grant, usedAt: undefined, answer: undefined })
    return {
      access_token: access,
      token_type: 'Bearer',
      scope: grant.scope || undefined,
      expires_in: behave.expiresIn,
      refresh_token: refresh,
      id_token: behave.idToken,
    }
  }

  const redeemCode = (issuerPath: string, clientId: string, form: URLSearchParams): Reply => {
    const code = codes.get(form.get('code') ?? '')
    const verifier = form.get('code_verifier') ?? ''
    const isGood =
      code &&
      !code.used &&
      code.issuerPath === issuerPath &&
      code.clientId === clientId &&
      code.challenge === createHash('sha256').update(verifier).digest('base64url') &&
      code.redirectUri === form.get('redirect_uri') &&
      code.resource === form.get('resource')
    if (!isGood) return { error: 'invalid_grant' }
    code.used = true
    return issue(code, behave.issuesRefreshToken)
  }

  const redeemRefresh = (issuerPath: string, clientId: string, form: URLSearchParams): Reply => {
    const found = refreshes.get(form.get('refresh_token') ?? '')
    const { grant } = found ?? {}
    if (!found || !grant || grant.revoked) return { error: 'invalid_grant' }
    if (grant.issuerPath !== issuerPath || grant.clientId !== clientId) return { error: 'invalid_grant' }
    if (form.get('resource') !== grant.resource) return { error: 'invalid_target' }
    if (found.usedAt === undefined) return firstUse(found)
    if (Date.now() - found.usedAt < behave.graceMs && found.answer) return JSON.parse(found.answer)
    grant.revoked = true
    return { error: 'invalid_grant' }
  }

  const firstUse = (found: Refresh): Reply => {
    refreshed += 1
    if (!behave.rotates) return issue(found.grant, false)
    found.usedAt = Date.now()
    const reply = issue(found.grant, true)
    found.answer = JSON.stringify(reply)
    return reply
  }

  const redeemDevice = (clientId: string, form: URLSearchParams): Reply => {
    const grant = devices.get(form.get('device_code') ?? '')
    if (grant?.clientId !== clientId) return { error: 'invalid_grant' }
    return behave.deviceApproved ? issue(grant, true) : { error: 'authorization_pending' }
  }

  return {
    /** RFC 7591. */
    register: (issuerPath: string, json: Recorded['json']): Reply => {
      const clientId = `client-${secret()}`
      const clientSecret = json.token_endpoint_auth_method === 'none' ? undefined : secret()
      clients.set(clientId, { redirectUris: json.redirect_uris, secret: clientSecret, issuerPath })
      return { ...json, client_id: clientId, client_secret: clientSecret }
    },
    stranger,
    /** The code for an authorization request that the person approved. */
    code: (issuerPath: string, query: URLSearchParams): string => {
      const code = secret()
      const grant = newGrant(issuerPath, query.get('client_id') ?? '', query)
      const challenge = query.get('code_challenge') ?? ''
      codes.set(code, { ...grant, challenge, redirectUri: query.get('redirect_uri') ?? '', used: false })
      return code
    },
    /** The device code of RFC 8628. */
    device: (issuerPath: string, form: URLSearchParams): string => {
      const code = secret()
      devices.set(code, newGrant(issuerPath, form.get('client_id') ?? '', form))
      return code
    },
    /** The answer of the token endpoint. */
    redeem: (issuerPath: string, { form, headers }: Recorded): Reply => {
      const basic = Buffer.from(headers.authorization?.slice(6) ?? '', 'base64')
        .toString()
        .split(':')
      const clientId = form.get('client_id') ?? basic[0] ?? ''
      const client = clients.get(clientId)
      const isDocument = clientId.startsWith('https://')
      const isKnown = client?.issuerPath === issuerPath && (!client.secret || client.secret === basic[1])
      if (!isDocument && !isKnown) return { error: 'invalid_client' }
      switch (form.get('grant_type')) {
        case 'authorization_code':
          return redeemCode(issuerPath, clientId, form)
        case 'refresh_token':
          return redeemRefresh(issuerPath, clientId, form)
        case 'client_credentials':
          return issue(newGrant(issuerPath, clientId, form), false)
        case 'urn:ietf:params:oauth:grant-type:device_code':
          return redeemDevice(clientId, form)
        default:
          return { error: 'unsupported_grant_type' }
      }
    },
    revoke: (value: string): void => {
      const grant = refreshes.get(value)?.grant ?? accesses.get(value)?.grant
      if (grant) grant.revoked = true
    },
    /** The scope of an access token that is good now. */
    scopeOf: (value: string): string | undefined => {
      const access = accesses.get(value)
      const isGood = access && !access.grant.revoked && Date.now() < access.expiresAt
      return isGood ? access.grant.scope : undefined
    },
    forgetClients: () => clients.clear(),
    expireAccess: () => accesses.clear(),
    revokeAll: () => {
      for (const { grant } of [...refreshes.values(), ...accesses.values()]) grant.revoked = true
    },
    refreshes: () => refreshed,
  }
}
