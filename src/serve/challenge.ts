import type { PublicUrls } from '../config.js'
import { namesOf, OWN_NAMES, type ScopeNames } from '../scope-names.js'
import { SCOPES, type Scope } from '../tools/scopes.js'
import { type Refusal, refuse } from './reply.js'

/** The challenges of RFC 6750 section 3 with RFC 9728's `resource_metadata`, worded once. */
export interface Challenges {
  /** No credentials came: no `error` attribute (RFC 6750 section 3.1). */
  missing: { refusal: Refusal }
  /** One and the same answer for every kind of wrong token. */
  invalid: { refusal: Refusal }
  /** The token lacks a scope: everything that the call needs, its own scopes kept. */
  insufficient(tool: string, needed: Scope, held: readonly Scope[]): { refusal: Refusal }
}

/** Scopes are named as the authorization server knows them: clients copy them into the authorization request. */
export function createChallenges(
  { resourceMetadata }: Pick<PublicUrls, 'resourceMetadata'>,
  names: ScopeNames = OWN_NAMES,
): Challenges {
  const metadata = `resource_metadata="${resourceMetadata}"`
  const signIn = `Bearer ${metadata}, scope="${namesOf(names).join(' ')}"`
  const unauthorized = (message: string, challenge: string) =>
    refuse(401, message, { headers: { 'WWW-Authenticate': challenge } })
  return {
    missing: unauthorized(
      `An access token is missing. Sign in first: the authorization server is named in ${resourceMetadata}.`,
      signIn,
    ),
    invalid: unauthorized(
      `The access token is not valid here, or no longer. Sign in again: the authorization server is named in ${resourceMetadata}.`,
      `${signIn}, error="invalid_token"`,
    ),
    insufficient(tool, needed, held) {
      const wanted = SCOPES.filter((scope) => scope === needed || held.includes(scope))
      const scope = namesOf(names, wanted).join(' ')
      const words = `The tool ${tool} needs the scope ${names[needed]}, which was not granted to this client.`
      const challenge = `Bearer error="insufficient_scope", scope="${scope}", ${metadata}, error_description="${words}"`
      return refuse(403, `${words} Sign in again and allow ${names[needed]}; the token is not expired.`, {
        headers: { 'WWW-Authenticate': challenge },
      })
    },
  }
}
