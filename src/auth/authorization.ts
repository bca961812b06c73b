import { isScope, SCOPES } from '../tools/scopes.js'
import { redirectUriProblem } from './redirect-uri.js'

const MAX_PARAMETER_LENGTH = 2048

/** Parameters that we pass on. Anything else (login hints, claims, request objects) has no meaning here. */
const PARAMETERS = [
  'response_type',
  'response_mode',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'resource',
  'prompt',
  'max_age',
]

/** Whether a parameter holds what RFC 6749 appendix A leaves out of every one: a control character. */
export const hasControls = (parameters: URLSearchParams): boolean =>
  [...parameters].some((pair) => /\p{Cc}/u.test(pair.join('')))

/** RFC 8707 resource as clients write it: ours with or without the trailing slash is ours. */
export const canonicalResource = (value: string, resource: string): string =>
  value === `${resource}/` ? resource : value

/** A request ready for the authorization server; `silent` when it asked for an answer without a page. */
export interface PreparedAuthorization {
  query: URLSearchParams
  silent: boolean
}

/**
 * An authorization request made ready for the authorization server: known scopes only, with the one that
 * stands for a refresh token; bound to our resource when it names none (RFC 8707 §2), so that every token is
 * a JWT for it; and the person is always asked (RFC 8252 §8.6: a public client's remembered consent would
 * hand codes to whoever can open a browser).
 * @returns what is wrong with the request, in words, where no redirect may be trusted
 */
export function prepareAuthorization(
  query: URLSearchParams,
  resource: string,
): PreparedAuthorization | string {
  const prepared = new URLSearchParams()
  for (const name of PARAMETERS) {
    const values = query.getAll(name)
    if (values.length > 1 && name !== 'resource') return `The parameter ${name} is there more than once.`
    if (values.some((value) => value.length > MAX_PARAMETER_LENGTH))
      return `The parameter ${name} is too long.`
    if (values[0] !== undefined) prepared.set(name, values[0])
  }
  if (hasControls(prepared)) return 'A parameter of the request has a control character.'
  // The same rule as at registration: what a URL parser would tidy up is not the registered string.
  const problem = redirectUriProblem(prepared.get('redirect_uri') ?? '')
  if (problem) return `The request cannot be answered: ${problem}.`
  const resources = [...new Set(query.getAll('resource').map((value) => canonicalResource(value, resource)))]
  if (resources.length > 1) return 'The request names more than one resource.'
  prepared.set('resource', resources[0] ?? resource)
  prepared.set('scope', [...new Set(askedScopes(query)), 'offline_access'].join(' '))
  const prompts = (query.get('prompt') ?? '').split(' ')
  prepared.set('prompt', prompts.includes('login') ? 'login consent' : 'consent')
  return { query: prepared, silent: prompts.includes('none') }
}

/** The known scopes of a request; all of them where it names none that we know. */
function askedScopes(query: URLSearchParams): readonly string[] {
  const known = (query.get('scope') ?? '').split(' ').filter(isScope)
  return known.length > 0 ? known : SCOPES
}
