import { ZukoError } from '../errors.js'
import type { ListPosition } from '../store/types.js'

/** Whom and what a cursor belongs to. It grants nothing: a place only ever reads what its person may see. */
export type CursorScope = readonly (string | number | null)[]

/** Tells scopes apart, and keeps no secret: two checksums of 32 bits, each as FNV-1a makes them. */
function mark(scope: CursorScope): string {
  let [one, other] = [0x811c9dc5, 0xc9dc5118]
  for (const byte of Buffer.from(JSON.stringify(scope))) {
    one = Math.imul(one ^ byte, 0x01000193)
    other = Math.imul(other ^ byte, 0x85ebca6b)
  }
  return `${(one >>> 0).toString(36)}${(other >>> 0).toString(36)}`
}

/** An opaque token for a place, good for the same scope only. */
export function encodePlace(place: readonly number[], scope: CursorScope): string {
  return Buffer.from(`${place.join('.')}.${mark(scope)}`).toString('base64url')
}

/** The place of so many numbers; undefined for anything that `encodePlace` did not make for this scope. */
export function decodePlace(cursor: string, scope: CursorScope, length: number): number[] | undefined {
  const text = Buffer.from(cursor, 'base64url').toString()
  const numbers = text.split('.', length)
  if (numbers.length < length || !numbers.every((one) => /^\d{1,16}$/.test(one))) return undefined
  const place = numbers.map(Number)
  return encodePlace(place, scope) === cursor ? place : undefined
}

/** A token for the place after a row of a list. */
export const encodeCursor = ({ updatedAt, id }: ListPosition, scope: CursorScope): string =>
  encodePlace([updatedAt, id], scope)

/** @throws ZukoError INVALID_ARGUMENT for anything that `encodeCursor` did not make for this scope */
export function decodeCursor(cursor: string, scope: CursorScope): ListPosition {
  const [updatedAt, id] = decodePlace(cursor, scope, 2) ?? []
  if (updatedAt !== undefined && id !== undefined) return { updatedAt, id }
  throw new ZukoError('INVALID_ARGUMENT', 'The cursor does not belong to this list.', {
    fix: 'pass nextCursor exactly as list_tasks returned it, with the same status and organizationId, or leave cursor out to start again',
  })
}
