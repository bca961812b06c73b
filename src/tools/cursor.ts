import { ZukoError } from '../errors.js'
import type { JsonValue, ListPosition } from '../store/types.js'
import { digest } from './digest.js'

/** Whom and which filters a cursor belongs to. It grants nothing: a position only ever reads one's own list. */
export type CursorScope = JsonValue[]

const mark = async (scope: CursorScope) => (await digest(scope)).slice(0, 16)

/** An opaque token for the place after a row, good for the same person and filters only. */
export async function encodeCursor({ updatedAt, id }: ListPosition, scope: CursorScope): Promise<string> {
  return Buffer.from(`${updatedAt}.${id}.${await mark(scope)}`).toString('base64url')
}

/** @throws ZukoError INVALID_ARGUMENT for anything that `encodeCursor` did not make for this scope */
export async function decodeCursor(cursor: string, scope: CursorScope): Promise<ListPosition> {
  const parts = /^(\d{1,16})\.(\d{1,16})\.(.{16})$/.exec(Buffer.from(cursor, 'base64url').toString())
  const position = { updatedAt: Number(parts?.[1]), id: Number(parts?.[2]) }
  if (parts && (await encodeCursor(position, scope)) === cursor) return position
  throw new ZukoError('INVALID_ARGUMENT', 'The cursor does not belong to this list.', {
    fix: 'pass nextCursor exactly as list_tasks returned it, with the same status and organizationId, or leave cursor out to start again',
  })
}
