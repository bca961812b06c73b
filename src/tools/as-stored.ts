import type { JsonValue } from '../store/types.js'
import type { ToolContext } from './define.js'
import { canonicalText } from './json.js'
import { taskNotFound } from './refusals.js'
import { visible } from './visible.js'

/** The fields of an update that hold people's words. */
interface Texts {
  title?: string | undefined
  description?: JsonValue | undefined
  assignee?: string | null | undefined
}

const TEXTS = ['title', 'description', 'assignee'] as const

const isWrittenOut = (value: JsonValue | undefined): boolean =>
  value !== undefined && /\\u\{[\dA-F]{2,6}\}/.test(canonicalText(value))

/**
 * What a caller means who passes texts back as they were shown: exactly the shown text stands for the stored
 * one, whose invisible characters stay, and which stays text where it spells JSON. An edited text is taken as
 * given; where it still has characters written out, the note says that they are plain text from now on.
 * @throws ZukoError NOT_FOUND as the update itself would
 */
export async function asStored<P extends Texts>(
  taskId: number,
  given: P,
  { store, caller, texts }: ToolContext,
): Promise<{ patch: P; note?: string }> {
  const suspects = TEXTS.filter((field) => isWrittenOut(given[field]))
  const spelled = texts?.description
  if (suspects.length === 0 && spelled === undefined) return { patch: given }
  const task = await store.tasks.get(caller.userId, taskId)
  if (!task) throw taskNotFound()
  if (spelled !== undefined && visible(task.description) === spelled)
    return { patch: { ...given, description: task.description } }
  const hiding = suspects.filter((field) => visible(task[field]) !== task[field])
  const isAsShown = (field: keyof Texts) =>
    canonicalText(visible(task[field])) === canonicalText(given[field] as JsonValue)
  const same = Object.fromEntries(hiding.filter(isAsShown).map((field) => [field, task[field]]))
  const edited = hiding.filter((field) => !(field in same))
  const patch = { ...given, ...same }
  if (edited.length === 0) return { patch }
  return { patch, note: `Characters written out as \\u{…} in ${edited.join(' and ')} are plain text now.` }
}
