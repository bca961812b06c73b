import { ZukoError } from '../errors.js'
import type { Caller, Person, Store } from '../store/types.js'

/** Who a task is assigned to, as it is stored, and what the caller should know about it. */
export interface Assignee {
  assignee: string
  note?: string
}

const ambiguous = (text: string, candidates: Person[]) =>
  new ZukoError(
    'AMBIGUOUS_ASSIGNEE',
    `${JSON.stringify(text)} names ${candidates.length} members: ${JSON.stringify(candidates)}.`,
    { fix: 'pass the e-mail or the user id of the one you mean', data: { candidates } },
  )

/**
 * Resolves `me`, a member's e-mail, user id or unique name to the member's e-mail; keeps anything else as given.
 * @throws ZukoError AMBIGUOUS_ASSIGNEE when several members have that name
 */
export async function resolveAssignee(
  store: Store,
  caller: Caller,
  organizationId: number,
  text: string,
): Promise<Assignee> {
  const wanted = text === 'me' ? String(caller.userId) : text
  const candidates = await store.members.match(caller.userId, organizationId, wanted)
  if (candidates.length > 1) throw ambiguous(text, candidates)
  if (candidates[0]) return { assignee: candidates[0].email }
  const note = `The assignee ${JSON.stringify(text)} names no member of the organization; it was kept as given.`
  return { assignee: text, note }
}
