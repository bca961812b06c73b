import type { JsonValue } from '../store/types.js'
import { canonicalText } from './json.js'

/** SHA-256 over the canonical JSON of a value, base64url. The web's crypto: this folder imports no module for it. */
export async function digest(value: JsonValue): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', Buffer.from(canonicalText(value)))
  return Buffer.from(bytes).toString('base64url')
}
