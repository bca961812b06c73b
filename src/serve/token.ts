import { type CryptoKey, type JWTHeaderParameters, jwtVerify } from 'jose'
import { z } from 'zod'
import { OWN_NAMES, type ScopeNames, scopesOf } from '../scope-names.js'
import type { Scope } from '../tools/scopes.js'
import type { KeySource } from './key-source.js'

/** What a verified token says; times are seconds since the epoch. */
export interface TokenClaims {
  issuer: string
  subject: string
  /** Empty where a foreign token names no client. */
  clientId: string
  /** Those of the token's scopes that this resource knows. */
  scopes: readonly Scope[]
  issuedAt: number | undefined
  expiresAt: number
}

/** Which tokens are accepted: exactly our own, or those of another product as far as that is safe. */
export interface TokenPolicy {
  issuers: readonly string[]
  resource: string
  algorithms: readonly string[]
  typ: (typ: unknown) => boolean
  kidRequired: boolean
  /** What the issuer calls our scopes. */
  scopeNames: ScopeNames
  /** Longest life of a token, in seconds. */
  maxLifetime: number
  claims: z.ZodType<Omit<TokenClaims, 'scopes'> & { scope: readonly string[] }>
}

const MAX_TOKEN_BYTES = 8192
const SKEW_SECONDS = 30

const text = z.string().min(1)
const time = z.number().nonnegative()
const words = (scope: string) => scope.split(' ')

const strictClaims = z
  .object({
    iss: text,
    aud: z.string(),
    sub: text,
    client_id: text,
    scope: z.string(),
    jti: text,
    iat: time,
    exp: time,
  })
  .transform(({ iss, sub, client_id, scope, iat, exp }) => ({
    issuer: iss,
    subject: sub,
    clientId: client_id,
    scope: words(scope),
    issuedAt: iat,
    expiresAt: exp,
  }))

const relaxedClaims = z
  .object({
    iss: text,
    aud: z.union([z.string(), z.array(z.string())]),
    sub: text,
    client_id: text.optional(),
    azp: text.optional(),
    scope: z.string().optional(),
    scp: z.array(z.string()).optional(),
    jti: text.optional(),
    iat: time.optional(),
    exp: time,
  })
  .transform(({ iss, sub, client_id, azp, scope, scp, iat, exp }) => ({
    issuer: iss,
    subject: sub,
    clientId: client_id ?? azp ?? '',
    scope: scope === undefined ? (scp ?? []) : words(scope),
    issuedAt: iat,
    expiresAt: exp,
  }))

/** Role `all`: exactly the tokens that our own authorization server signs (RFC 9068). */
export const ownTokens = (issuer: string, resource: string): TokenPolicy => ({
  issuers: [issuer],
  resource,
  algorithms: ['EdDSA'],
  typ: (typ) => typ === 'at+jwt',
  kidRequired: true,
  scopeNames: OWN_NAMES,
  maxLifetime: 15 * 60,
  claims: strictClaims,
})

/** Role `mcp`: the authorization server may be another product, so what is safe to relax is relaxed. */
export const foreignTokens = (
  issuers: readonly string[],
  resource: string,
  scopeNames: ScopeNames = OWN_NAMES,
): TokenPolicy => ({
  issuers,
  resource,
  algorithms: ['EdDSA', 'ES256', 'PS256', 'RS256'],
  typ: (typ) => typ === undefined || (typeof typ === 'string' && /^(at\+)?jwt$/i.test(typ)),
  kidRequired: false,
  scopeNames,
  maxLifetime: 24 * 3600,
  claims: relaxedClaims,
})

/** Three canonical base64url parts: a token has one spelling, so that a changed character is a changed token. */
const isCompactJws = (token: string): boolean =>
  token.split('.').length === 3 &&
  token
    .split('.')
    .every((part) => part.length > 0 && Buffer.from(part, 'base64url').toString('base64url') === part)

/** A key is looked up by `kid` and `alg` alone: `jwk`, `jku`, `x5u` and `x5c` are never read (RFC 8725 3.10). */
function headerHolds(header: JWTHeaderParameters, policy: TokenPolicy): boolean {
  const kidFits = header.kid === undefined ? !policy.kidRequired : isKid(header.kid)
  return kidFits && policy.typ(header.typ) && !('crit' in header) && policy.algorithms.includes(header.alg)
}

const isKid = (kid: unknown): boolean => typeof kid === 'string' && /^[\x20-\x7e]{1,128}$/.test(kid)

/** Whether the times of a token still hold, at `now` in seconds. */
export const isCurrent = (claims: Pick<TokenClaims, 'expiresAt'>, now: number): boolean =>
  now < claims.expiresAt + SKEW_SECONDS

function timesHold(claims: TokenClaims, now: number, maxLifetime: number): boolean {
  const issuedAt = claims.issuedAt ?? now
  return issuedAt <= now + SKEW_SECONDS && claims.expiresAt - issuedAt <= maxLifetime
}

/**
 * Verifies an access token locally. Answers undefined for every kind of wrong token.
 * @throws ZukoError UNAVAILABLE when the keys cannot be had, so that nothing can be said about the token
 */
export async function verifyToken(
  token: string,
  policy: TokenPolicy,
  keys: KeySource,
  now: Date,
): Promise<TokenClaims | undefined> {
  if (Buffer.byteLength(token) > MAX_TOKEN_BYTES || !isCompactJws(token)) return undefined
  let keyError: unknown
  const findKey = async (header: JWTHeaderParameters): Promise<CryptoKey> => {
    if (!headerHolds(header, policy)) throw new Error('the header does not hold')
    const key = await keys.find({ alg: header.alg, kid: header.kid }).catch((error: unknown) => {
      keyError = error
      throw error
    })
    if (!key) throw new Error('no such key')
    return key
  }
  try {
    const { payload } = await jwtVerify(token, findKey, {
      issuer: [...policy.issuers],
      audience: policy.resource,
      algorithms: [...policy.algorithms],
      requiredClaims: ['exp', 'sub'],
      clockTolerance: SKEW_SECONDS,
      currentDate: now,
    })
    const { scope, ...claims } = policy.claims.parse(payload)
    const verified = { ...claims, scopes: scopesOf(policy.scopeNames, scope) }
    return timesHold(verified, now.getTime() / 1000, policy.maxLifetime) ? verified : undefined
  } catch {
    if (keyError !== undefined) throw keyError
    return undefined
  }
}
