import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Auth } from './server.js'

/** How codes and refresh tokens are kept: as their SHA-256. */
const digest = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

interface RefreshRow {
  id: unknown
  userId: unknown
  clientId: string
  authorizationCodeId: string | null
  revoked: Date | null
  rotatedAt: Date | null
  rotationReplayResponse: string | null
}

/** A login of a client: a code, and every refresh token that came of it. */
export interface Login {
  /** The same for the code and for each of its refresh tokens. */
  id: string
  /** Whose it is, where that is known. */
  userId?: number
  /** Whether another process has begun to answer the same refresh token since the login was found. */
  overtaken(): Promise<boolean>
  /**
   * Whether it was ended since it was found: revoked, or betrayed by a code or token that came again. Then all
   * that is left of it goes, and its access tokens end, unless the client is still logged in for this person
   * elsewhere (one client id on two computers): those last until they expire.
   */
  settle(): Promise<boolean>
}

/** The login that a code or a refresh token belongs to; one of its own where none is known. */
export async function findLogin(auth: Auth, secret: string): Promise<Login> {
  const { adapter } = auth.context
  const model = 'oauthRefreshToken'
  const rowWith = (field: string, value: unknown) =>
    adapter.findOne<RefreshRow>({ model, where: [{ field, value: value as string }] })

  const key = digest(secret)
  const found = (await rowWith('token', key)) ?? (await rowWith('authorizationCodeId', key))
  if (!found) return { id: key, overtaken: async () => false, settle: async () => false }
  const id = found.authorizationCodeId ?? key
  return {
    id,
    userId: Number(found.userId),
    overtaken: async () =>
      !found.rotationReplayResponse && Boolean((await rowWith('id', found.id))?.rotatedAt),
    async settle() {
      const row = await rowWith('id', found.id)
      if (row && (!row.revoked || row.rotatedAt)) return false
      await adapter.deleteMany({ model, where: [{ field: 'authorizationCodeId', value: id }] })
      const mine = { userId: found.userId as string, clientId: found.clientId, revoked: null }
      const where = Object.entries(mine).map(([field, value]) => ({ field, value }))
      const elsewhere = await adapter.findOne<RefreshRow>({ model, where })
      if (!elsewhere) await auth.store.grants.revoke(Number(found.userId), found.clientId)
      return true
    },
  }
}

const codeValue = z.object({
  type: z.literal('authorization_code'),
  query: z.object({ client_id: z.string(), redirect_uri: z.string(), code_challenge: z.string() }),
})

/**
 * What a token request gets wrong about a code that is still unused, so that a wrong request does not use it up:
 * a code that leaked is of no use to a stranger, not even to spoil the login it belongs to.
 * @returns an error of RFC 6749 §5.2 or RFC 8707 §2, or undefined for the authorization server to decide
 */
export async function codeProblem(
  auth: Auth,
  form: URLSearchParams,
  clientId: string | undefined,
): Promise<{ error: string; description: string } | undefined> {
  const code = digest(form.get('code') ?? '')
  const unused = await auth.context.internalAdapter.findVerificationValue(code)
  const read = codeValue.safeParse(unused && JSON.parse(unused.value))
  if (!read.success) return undefined
  const { client_id, redirect_uri, code_challenge } = read.data.query
  if (!form.get('code_verifier')) {
    return { error: 'invalid_request', description: 'code_verifier is missing' }
  }
  const holds =
    client_id === clientId &&
    redirect_uri === form.get('redirect_uri') &&
    code_challenge === digest(form.get('code_verifier') ?? '')
  if (!holds) {
    const description = 'the client, redirect_uri or code_verifier is not that of the authorization request'
    return { error: 'invalid_grant', description }
  }
  if (form.getAll('resource').every((resource) => resource === auth.urls.resource)) return undefined
  return { error: 'invalid_target', description: 'the code was given for another resource' }
}
