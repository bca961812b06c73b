import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { ForeignServer, PublicUrls } from '../config.js'
import type { Log } from '../log.js'
import type { Caller, PrincipalStore } from '../store/types.js'
import type { Scope } from '../tools/scopes.js'
import { createChallenges } from './challenge.js'
import { errorFacts } from './error-facts.js'
import type { KeySource } from './key-source.js'
import { Lru } from './lru.js'
import { type Checked, duplicateHeader, INVALID_REQUEST, refuse, unavailable } from './reply.js'
import { foreignTokens, isCurrent, ownTokens, type TokenClaims, verifyToken } from './token.js'

/** Who calls, and what the token allows. */
export interface Principal {
  caller: Caller
  scopes: readonly Scope[]
}

export interface Guard {
  /** The principal of a request's bearer token, or the challenge to answer with. Never throws. */
  check(req: IncomingMessage, requestId: string): Promise<Checked<Principal>>
}

export interface GuardOptions {
  urls: PublicUrls
  /** Role `mcp`: the base URL of the authorization server that runs apart. */
  authUrl?: string | undefined
  /** Role `mcp`: the authorization server of another product. With neither, it is our own: role `all`. */
  foreign?: ForeignServer | undefined
  keys: KeySource
  principals: PrincipalStore
  log: Log
  now: () => Date
}

type Person = { userId: number }

const MAX_CACHED_TOKENS = 10_000
const MAX_ID = 2 ** 31 - 1

/** A `sub` that is one of our own ids, written as we write it. */
function ownId(subject: string): number | undefined {
  return /^[1-9]\d{0,9}$/.test(subject) && Number(subject) <= MAX_ID ? Number(subject) : undefined
}

/** Role `all`: a person we know, who is not disabled and whose grant is not younger than the token. */
const ownPerson =
  (principals: PrincipalStore) =>
  async ({ subject, clientId, issuedAt }: TokenClaims): Promise<Person | undefined> => {
    const id = ownId(subject)
    const found = id === undefined ? undefined : await principals.byId(id, clientId)
    if (!found || found.disabled || found.grantedAt === undefined || issuedAt === undefined) return undefined
    return issuedAt < Math.floor(found.grantedAt / 1000) ? undefined : found
  }

/**
 * Role `mcp`: a person unknown to us is let in and belongs to no organization; a disabled one is not. Only our
 * own issuer's subjects are ids of ours, whatever another's look like.
 */
const linkedPerson =
  (principals: PrincipalStore, ownIssuer?: string) =>
  async ({ issuer, subject, clientId }: TokenClaims): Promise<Person | undefined> => {
    const id = ownId(subject)
    const byId = async () => (id === undefined ? undefined : principals.byId(id, clientId))
    const found = await (issuer === ownIssuer ? byId() : principals.bySubject(issuer, subject))
    return found?.disabled ? undefined : (found ?? { userId: 0 })
  }

/** Which tokens count, and whom they stand for. */
function trust({ urls, authUrl, foreign, principals }: GuardOptions) {
  if (foreign) {
    const policy = foreignTokens([foreign.issuer], urls.resource, foreign.scopeNames)
    return { policy, findPerson: linkedPerson(principals) }
  }
  if (authUrl === undefined) {
    return { policy: ownTokens(urls.issuer, urls.resource), findPerson: ownPerson(principals) }
  }
  const policy = foreignTokens([urls.issuer, `${authUrl}/auth`], urls.resource)
  return { policy, findPerson: linkedPerson(principals, urls.issuer) }
}

/**
 * The bearer token of a request (RFC 6750 section 2.1, from the Authorization header alone) → who calls.
 * The token is verified locally and remembered by its hash; the person is looked up on every call.
 */
export function createGuard(options: GuardOptions): Guard {
  const { urls, foreign, keys, log, now } = options
  const challenges = createChallenges(urls, foreign?.scopeNames)
  const { policy, findPerson } = trust(options)
  const verified = new Lru<string, TokenClaims>(MAX_CACHED_TOKENS)

  const claimsOf = async (token: string): Promise<TokenClaims | undefined> => {
    const hash = createHash('sha256').update(token).digest('base64')
    const cached = verified.get(hash)
    if (cached && isCurrent(cached, now().getTime() / 1000)) return cached
    verified.delete(hash)
    const claims = await verifyToken(token, policy, keys, now())
    if (claims) verified.set(hash, claims)
    return claims
  }

  const admit = async (token: string, requestId: string): Promise<Checked<Principal>> => {
    const claims = await claimsOf(token)
    const person = claims && (await findPerson(claims))
    if (!person) return challenges.invalid
    const caller = { userId: person.userId, clientId: claims.clientId, requestId }
    return { caller, scopes: claims.scopes }
  }

  return {
    async check(req, requestId) {
      const duplicate = duplicateHeader(req)
      if (duplicate) {
        return refuse(400, `The header ${duplicate} came more than once. Send it once.`, {
          code: INVALID_REQUEST,
        })
      }
      const bearer = /^bearer(?: +(.*))?$/i.exec(req.headers.authorization ?? '')
      if (!bearer) return challenges.missing
      try {
        return await admit(bearer[1] ?? '', requestId)
      } catch (error) {
        log.error({ requestId, ...errorFacts(error) }, 'caller not checked')
        return unavailable('The store of people or keys')
      }
    },
  }
}
