import type { IncomingMessage, ServerResponse } from 'node:http'
import type { PublicUrls } from '../config.js'
import { namesOf, OWN_NAMES, type ScopeNames } from '../scope-names.js'

/** Where RFC 9728 section 3.1 puts the document: with the resource's path, and at the root for older clients. */
export const METADATA_PATHS = [
  '/.well-known/oauth-protected-resource/api/mcp',
  '/.well-known/oauth-protected-resource',
] as const

/** Protected resource metadata (RFC 9728 section 2). */
export const resourceMetadata = (urls: PublicUrls, backendUrl: string, names: ScopeNames = OWN_NAMES) => ({
  resource: urls.resource,
  authorization_servers: [urls.issuer],
  scopes_supported: namesOf(names),
  bearer_methods_supported: ['header'],
  resource_name: 'Zuko',
  resource_documentation: `${backendUrl}/`,
})

const PUBLIC_HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
  'Access-Control-Allow-Headers': '*',
  'X-Content-Type-Options': 'nosniff',
}

/** Answers GET and HEAD with the document, OPTIONS for a browser's preflight, and nothing else. */
export function createMetadata(
  urls: PublicUrls,
  backendUrl: string,
  names?: ScopeNames | undefined,
): (req: IncomingMessage, res: ServerResponse) => void {
  const body = JSON.stringify(resourceMetadata(urls, backendUrl, names))
  return (req, res) => {
    if (req.method === 'OPTIONS') {
      res.writeHead(204, PUBLIC_HEADERS).end()
    } else if (req.method === 'GET' || req.method === 'HEAD') {
      res.writeHead(200, {
        ...PUBLIC_HEADERS,
        'Content-Type': 'application/json',
        'Cache-Control': 'public, max-age=300',
      })
      res.end(body)
    } else {
      res.writeHead(405, { ...PUBLIC_HEADERS, Allow: 'GET, HEAD, OPTIONS' }).end()
    }
  }
}
