import { ZukoError } from '../errors.js'
import type { LoginContext } from './context.js'
import { discoverResource, parseChallenge, type ServerMetadata } from './discovery.js'
import { GrantRefused, type Grants, openGrants, readable, type TokenSet } from './grants.js'
import { waitForLock } from './lock.js'
import { credentialFrom, findServer } from './preparation.js'
import { asClient, fixedClient, type OAuthClient } from './registration.js'
import { type Credential, isFresh } from './token-cache.js'

/** How long to wait for a sibling's renewal; longer than any renewal takes. */
const LOCK_PATIENCE_MS = 60_000

/** A token that the server refused, and how it said so. */
export interface RefusedToken {
  token: string | undefined
  wwwAuthenticate: string | undefined
}

/**
 * Renews without a person: because of a refusal, or by the clock. The answer is undefined where a person is needed.
 * @throws ZukoError UNAVAILABLE for passing trouble; everything kept stays as it was
 */
export type Renew = (refusal?: RefusedToken) => Promise<Credential | undefined>

/** Brings new tokens for what is kept, if it can. Runs under the lock. */
export type Mint = (
  kept: Credential | undefined,
  refusal: RefusedToken | undefined,
) => Promise<Credential | undefined>

/**
 * The one way to a new token without a person, whether the clock asks for it or a 401 does. Calls of this
 * process share one run; processes take turns by a lock, reread what is kept once they have it, and adopt what a
 * sibling brought. Nobody can cancel it half way: what the server rotated is kept before anybody uses it.
 */
export function createRenewal(
  { options, cache, ending }: Pick<LoginContext, 'options' | 'cache' | 'ending'>,
  mint: Mint,
): { renew: Renew; settled(): Promise<unknown> } {
  let running: Promise<Credential | undefined> | undefined
  const run = async (refusal: RefusedToken | undefined) => {
    const lock = await waitForLock(options.directory, `${cache.name}.refresh`, LOCK_PATIENCE_MS, ending)
    try {
      const kept = await cache.credential()
      const newer = kept !== undefined && kept.accessToken !== refusal?.token && isFresh(kept, options.now())
      return newer ? kept : await mint(kept, refusal)
    } finally {
      await lock.release()
    }
  }
  const renew: Renew = async (refusal) => {
    for (let joined = running; joined; joined = running) {
      const found = await joined
      if (refusal?.token === undefined || found?.accessToken !== refusal.token) return found
    }
    running = run(refusal).finally(() => {
      running = undefined
    })
    return running
  }
  return { renew, settled: () => running?.catch(() => undefined) ?? Promise.resolve() }
}

/** How this login gets new tokens without a person. */
export const mintFor = (context: LoginContext): Mint =>
  context.options.clientCredentials ? clientCredentialsMint(context) : refreshMint(context)

/** The words where a client that acts for itself gets no further. */
export const ownTokenRefused = (): ZukoError =>
  new ZukoError('FAILED', "The server refuses the client's own token.", {
    fix: 'check the client and its scopes: zuko-mcp proxy doctor',
  })

/** A token refused this soon was never taken. */
const YOUNG_MS = 60_000

/** How many young tokens in a row the server has refused before this one. An older token starts anew. */
export const refusalsOf = ({ refusals = 0, obtainedAt }: Credential, now: number): number =>
  now - obtainedAt < YOUNG_MS ? refusals : 0

/** The grants of a login that exists: its own token endpoint and the client that it belongs to. */
export async function grantsOf(context: LoginContext, credential: Credential): Promise<Grants> {
  const server: ServerMetadata = {
    issuer: credential.issuer,
    token_endpoint: credential.tokenEndpoint,
    revocation_endpoint: credential.revocationEndpoint,
  }
  const client = await clientOf(context, credential, server)
  return openGrants(server, client, { fetch: context.fetch, now: context.options.now })
}

async function clientOf(
  { options, cache }: LoginContext,
  { clientId, issuer }: Credential,
  server: ServerMetadata,
): Promise<OAuthClient> {
  const fixed = await fixedClient(options, { ...server, client_id_metadata_document_supported: true })
  if (fixed?.clientId === clientId) return fixed
  const registered = await cache.registration(issuer)
  if (registered?.clientId === clientId) return asClient(registered)
  return { clientId, authMethod: 'none', origin: 'dynamic' }
}

/**
 * Trades the refresh token. After a refusal the resource is asked first whether it still trusts the issuer of the
 * login: where it has moved to another authorization server, the old one's token goes nowhere.
 */
const refreshMint =
  (context: LoginContext): Mint =>
  async (kept, refusal) => {
    if (!kept?.refreshToken) return undefined
    if (refusal && !(await isStillTrusted(context, kept, refusal))) return undefined
    try {
      const grants = await grantsOf(context, kept)
      const tokens = await grants.refresh(kept.refreshToken, { resource: kept.resource })
      const refusals = refusal && refusalsOf(kept, context.options.now()) + 1
      const renewed = { ...withTokens(kept, tokens), refusals }
      await context.cache.save(renewed, 'renewal')
      return renewed
    } catch (error) {
      if (!(error instanceof GrantRefused)) throw error
      return afterRefusal(context, kept, error)
    }
  }

async function isStillTrusted(
  { options, fetch }: LoginContext,
  kept: Credential,
  { wwwAuthenticate }: RefusedToken,
): Promise<boolean> {
  const challenge = parseChallenge(wwwAuthenticate)
  const { issuers, resource, assumed } = await discoverResource(
    fetch,
    options.url,
    challenge,
    options.resource,
  )
  const trusted = issuers.some(
    (issuer) => issuer === kept.issuer || (assumed && `${issuer}/` === kept.issuer),
  )
  return trusted && resource === kept.resource
}

/** A client that acts for itself signs in with its own credentials, again and again. */
const clientCredentialsMint =
  (context: LoginContext): Mint =>
  async (kept, refusal) => {
    const { options, cache, fetch } = context
    const found = await findServer(context, { status: 401, wwwAuthenticate: refusal?.wwwAuthenticate })
    const client = await fixedClient(options, found.server)
    if (!client?.clientSecret) {
      throw new ZukoError('FAILED', 'A login without a person needs a client of its own.', {
        fix: 'pass --client-id and --client-secret-file',
      })
    }
    const grants = await openGrants(found.server, client, { fetch, now: options.now })
    const scope = options.scope ?? parseChallenge(refusal?.wwwAuthenticate).scope ?? found.supported
    try {
      const parameters = { resource: found.resource, ...(scope === undefined ? {} : { scope }) }
      const tokens = await grants.clientCredentials(parameters)
      const credential = credentialFrom(found, client.clientId, tokens)
      const refusals = kept && refusal?.token !== undefined ? refusalsOf(kept, options.now()) + 1 : undefined
      const loginId = kept?.loginId ?? credential.loginId
      const minted = { ...credential, loginId, refusals }
      await cache.save(minted, kept ? 'renewal' : 'login')
      return minted
    } catch (error) {
      throw readable(error)
    }
  }

/** Keeps the old refresh token where none came (RFC 6749 section 6), and the old scopes where none were named. */
export const withTokens = (credential: Credential, tokens: TokenSet): Credential => ({
  ...credential,
  ...tokens,
  refreshToken: tokens.refreshToken ?? credential.refreshToken,
  grantedScope: tokens.grantedScope ?? credential.grantedScope,
})

/**
 * A sibling without our lock, such as a copy in a container, may have renewed first: what is kept is read once
 * more. Else the refresh token is dropped, so that nobody offers it again, and a person is needed.
 */
async function afterRefusal(
  { cache, options }: LoginContext,
  tried: Credential,
  refusal: GrantRefused,
): Promise<Credential | undefined> {
  const kept = await cache.credential()
  if (kept && kept.refreshToken !== tried.refreshToken) {
    return isFresh(kept, options.now()) ? kept : undefined
  }
  if (refusal.kind === 'client' && (await cache.registration(tried.issuer))?.clientId === tried.clientId) {
    await cache.forgetRegistration(tried.issuer)
  }
  if (kept) await cache.save({ ...kept, refreshToken: undefined }, 'renewal')
  return undefined
}
