import type { Credential } from '../token-cache.js'

/** What a command did: words for a person, and the same as data for `--json`. */
export interface Report<Data> {
  lines: string[]
  data: Data
}

/** Who an access token says it is for, where it is a JWT. Not verified: for showing only. */
export function subjectOf({ accessToken }: Pick<Credential, 'accessToken'>): string | undefined {
  try {
    const payload: unknown = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString())
    const { email, sub } = payload as { email?: unknown; sub?: unknown }
    const subject = typeof email === 'string' ? email : sub
    return typeof subject === 'string' ? printable(subject) : undefined
  } catch {
    return undefined
  }
}

/** A server's word without what could steer a terminal. */
export const printable = (text: string): string => text.replace(/[\p{C}\p{Z}]+/gu, ' ').slice(0, 200)

/** Until when a login lasts, in words. */
export function untilWhen(credential: Credential): string {
  if (credential.refreshToken) return 'renewed as needed'
  if (credential.expiresAt === undefined) return 'until the server ends it'
  return `until ${new Date(credential.expiresAt).toISOString()}`
}

/** `as alice@example.com`, or nothing where the token does not say. */
export function asWhom(credential: Credential): string {
  const subject = subjectOf(credential)
  return subject === undefined ? '' : ` as ${subject}`
}
