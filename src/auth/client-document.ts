import type { ClientDiscovery } from '@better-auth/oauth-provider'
import type { Log } from '../log.js'
import type { DocumentFetch } from './document-fetch.js'
import { checkMetadata, clientRow } from './registration.js'

type Client = NonNullable<Awaited<ReturnType<ClientDiscovery['resolve']>>>

/** How long a client's document is used before it is read again. */
const FRESH_MS = 24 * 3600 * 1000
/** How long a document that could not be had is not asked for again. */
const FAILED_MS = 60 * 1000
const REMEMBERED_FAILURES = 1000

/** A URL that is a client id as written: https, a path, nothing that a parser would tidy up. */
export function isDocumentUrl(clientId: string): boolean {
  if (!clientId.startsWith('https://') || clientId.length > 2048 || !URL.canParse(clientId)) return false
  const url = new URL(clientId)
  return (
    url.href === clientId && url.pathname !== '/' && !url.hash && !url.username && !url.password && !url.port
  )
}

/** How the documents of clients are had. */
export interface Documents {
  fetch: DocumentFetch
  /** Whether one may be asked for at this host now: nobody makes this server a scanner of others. */
  allow(host: string): Promise<boolean>
}

/**
 * Client ID Metadata Documents (draft-ietf-oauth-client-id-metadata-document): a client whose id is the URL
 * of its own metadata needs no registration. The document is read when the client is first seen and once a
 * day after; while it cannot be had, what was read before goes on.
 */
export function clientDocuments(documents: Documents, now: () => Date, log: Log): ClientDiscovery {
  const underway = new Map<string, Promise<unknown>>()
  const failed = new Map<string, number>()

  async function read(clientId: string): Promise<unknown> {
    const at = now().getTime()
    if ((failed.get(clientId) ?? 0) > at) return undefined
    const url = new URL(clientId)
    const running = underway.get(clientId)
    if (running) return running
    const asking = async () => ((await documents.allow(url.hostname)) ? documents.fetch(url) : undefined)
    const reading = asking()
      .catch((error: Error) => {
        log.warn({ host: url.hostname, reason: error.message }, 'client metadata document could not be read')
        if (failed.size >= REMEMBERED_FAILURES) failed.clear()
        failed.set(clientId, at + FAILED_MS)
        return undefined
      })
      .finally(() => underway.delete(clientId))
    underway.set(clientId, reading)
    return reading
  }

  async function resolve(
    ctx: Parameters<ClientDiscovery['resolve']>[0],
    clientId: string,
    existing: Client | null,
  ): Promise<Client | null> {
    const at = now()
    if (existing?.updatedAt && at.getTime() - new Date(existing.updatedAt).getTime() < FRESH_MS)
      return existing
    const row = documentRow(clientId, await read(clientId), at)
    if (!row) return existing
    const adapter = ctx.context.adapter
    if (!existing) return adapter.create<Record<string, unknown>, Client>({ model: 'oauthClient', data: row })
    const { createdAt: _, disabled: __, ...update } = row
    const where = [{ field: 'clientId', value: clientId }]
    return (await adapter.update<Client>({ model: 'oauthClient', where, update })) ?? existing
  }

  return {
    id: 'client-id-metadata-document',
    matches: isDocumentUrl,
    resolve,
    discoveryMetadata: { client_id_metadata_document_supported: true },
  }
}

/** The client that a document describes, or undefined when it does not describe itself or has no right form. */
function documentRow(clientId: string, document: unknown, at: Date) {
  if (typeof document !== 'object' || document === null) return undefined
  if ((document as { client_id?: unknown }).client_id !== clientId) return undefined
  try {
    const data = checkMetadata(document)
    if (data.token_endpoint_auth_method !== 'none') return undefined
    return { ...clientRow(clientId, data, at), clientDiscoveryId: 'client-id-metadata-document' }
  } catch {
    return undefined
  }
}
