import { ZukoError } from '../errors.js'
import type { JsonValue, ListPosition } from '../store/types.js'
import { digest } from './digest.js'

/** Whom and what a cursor belongs to. It grants nothing: a place only ever reads what its person may see. */
export type CursorScope = JsonValue[]

const mark = async (scope: CursorScope) => (await digest(scope)).slice(0, 16)

/** An opaque token for a place, good for the same scope only. */
export async function encodePlace(place: readonly number[], scope: CursorScope): Promise<string> {
  return Buffer.from(`${place.join('.')}.${await mark(scope)}`).toString('base64url')
}

/** The place of so many numbers; undefined for anything that `encodePlace` did not make for this scope. */
export async function decodePlace(
  cursor: string,
  scope: CursorScope,
  length: number,
): Promise<number[] | undefined> {
  const text = Buffer.from(cursor, 'base64url').toString()
  const numbers = text.split('.', length)
  if (numbers.length < length || !numbers.every((one) => /^\d{1,16}$/.test(one))) return undefined
  const place = numbers.map(Number)
  return (await encodePlace(place, scope)) === cursor ? place : undefined
}

/** A token for the place after a row of a list. */
export const encodeCursor = ({ updatedAt, id }: ListPosition, scope: CursorScope): Promise<string> =>
  encodePlace([updatedAt, id], scope)

/** @throws ZukoError INVALID_ARGUMENT for anything that `encodeCursor` did not make for this scope */
export async function decodeCursor(cursor: string, scope: CursorScope): Promise<ListPosition> {
  const [updatedAt, id] = (await decodePlace(cursor, scope, 2)) ?? []
  if (updatedAt !== undefined && id !== undefined) return { updatedAt, id }
  throw new ZukoError('INVALID_ARGUMENT', 'The cursor does not belong to this list.', {
    fix: 'pass nextCursor exactly as list_tasks returned it, with the same status and organizationId, or leave cursor out to start again',
  })
}
