/** A task as the tools answer it: whole where that is short enough for a model, else in parts that follow one another. */
import { z } from 'zod'
import { ZukoError } from '../errors.js'
import type { TaskDetail } from '../store/types.js'
import { cost, headCost, MORE, personCost, summaryCost, sumOf, TASK_TOKENS } from './budget.js'
import { decodePlace, encodePlace } from './cursor.js'
import { taskDetail } from './fields.js'
import { FIRST, type Part, type Place, partOf } from './task-part.js'
import { taskView } from './view.js'

/** A piece of a description: of a text as it is, of any other value as its JSON. */
const descriptionPart = z.strictObject({
  format: z.enum(['text', 'json']),
  text: z.string(),
  start: z.int(),
  end: z.int(),
  length: z.int(),
})

/**
 * `description` is never cut: where it is too long for one answer, `descriptionPart` is in its place, and where
 * an earlier part had it, neither. With `truncated` there is more, and `nextCursor` leads to it.
 */
export const taskPage = taskDetail.extend({
  description: taskDetail.shape.description.optional(),
  descriptionPart: descriptionPart.optional(),
  truncated: z.literal(true).optional(),
  nextCursor: z.string().optional(),
})

const scopeOf = (userId: number, taskId: number) => ['task', userId, taskId]

/** @throws ZukoError INVALID_ARGUMENT for a cursor that no part of this task gave */
export function placeAt(cursor: string, userId: number, taskId: number): Place {
  const numbers = decodePlace(cursor, scopeOf(userId, taskId), 4)
  if (!numbers) {
    throw new ZukoError('INVALID_ARGUMENT', 'The cursor does not belong to this task.', {
      fix: 'pass nextCursor exactly as it was returned for this taskId, or leave cursor out to start again',
    })
  }
  const [updatedAt, descriptionFrom, ownersFrom, subtasksAfter] = numbers as [number, number, number, number]
  return { updatedAt, descriptionFrom, ownersFrom, subtasksAfter }
}

const cursorTo = (
  { updatedAt, descriptionFrom, ownersFrom, subtasksAfter }: Place,
  scope: (string | number)[],
) => encodePlace([updatedAt, descriptionFrom, ownersFrom, subtasksAfter], scope)

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

function wordsOf({ start, end, text, owners, subtasks }: Part): string {
  const isWhole = start === 0 && end === text.length
  const characters = `characters ${start + 1} to ${end} of ${text.length} of its description`
  const words = [
    ...(isWhole ? ['its description'] : end > start ? [characters] : []),
    counted(owners.length, 'owner'),
    counted(subtasks.length, 'subtask'),
  ]
  return `This is a part of the task: ${words.join(', ')}.`
}

function descriptionOf({ description }: TaskDetail, { text, start, end }: Part) {
  if (start === 0 && end === text.length) return { description }
  if (end === start) return {}
  const format = typeof description === 'string' ? ('text' as const) : ('json' as const)
  return { descriptionPart: { format, text: text.slice(start, end), start, end, length: text.length } }
}

const isShort = (task: TaskDetail, room: number): boolean =>
  !task.moreOwners &&
  !task.moreSubtasks &&
  cost(task.description) + sumOf(task.owners, personCost) + sumOf(task.subtasks, summaryCost) <= room

export interface Continued {
  /** Where to go on, and where the store read the task from. */
  from?: Place | undefined
  /** Tokens that the rest of the answer takes. */
  taken?: number
}

/**
 * What one answer shows of a task, in about 8,000 tokens at most; a task that fits is shown as it is.
 * @throws ZukoError INVALID_ARGUMENT when the task changed after the part that led here
 */
export function pageOf(
  task: TaskDetail,
  userId: number,
  { from, taken = 0 }: Continued = {},
): z.infer<typeof taskPage> {
  if (from && from.updatedAt !== task.updatedAt) {
    throw new ZukoError('INVALID_ARGUMENT', 'The task changed after the part that gave this cursor.', {
      fix: 'call get_task without cursor to read it from the start',
    })
  }
  const room = TASK_TOKENS - headCost(task) - taken
  const shown = taskView(task)
  if (!from && isShort(task, room)) return shown
  const part = partOf(task, from ?? FIRST, room - MORE)
  const { owners, subtasks, next } = part
  const { description: _, ...head } = shown
  const page = { ...head, ...descriptionOf(task, part), owners, subtasks }
  if (!next) return { ...page, note: `${wordsOf(part)} It is the last one.` }
  const nextCursor = cursorTo(next, scopeOf(userId, task.id))
  const note = `${wordsOf(part)} For the next one call get_task with taskId ${task.id} and cursor "${nextCursor}".`
  return { ...page, truncated: true, nextCursor, note }
}
