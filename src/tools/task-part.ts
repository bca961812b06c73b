/** What one answer shows of a task that is too long for one: part of its description, of its owners, of its subtasks. */
import type { DetailPlace, TaskDetail } from '../store/types.js'
import { cost, endWithin, personCost, summaryCost, sumOf, within } from './budget.js'
import { jsonText } from './json.js'

/** Where a part begins. `updatedAt` is the task's when its first part was read; 0 before that. */
export interface Place extends DetailPlace {
  updatedAt: number
  /** In UTF-16 units of the text, or of the JSON of any other value. */
  descriptionFrom: number
}

export const FIRST: Place = { updatedAt: 0, descriptionFrom: 0, ownersFrom: 0, subtasksAfter: 0 }

export interface Part extends Pick<TaskDetail, 'owners' | 'subtasks'> {
  /** The description as text, and how much of it this part has: from `start` to `end`. */
  text: string
  start: number
  end: number
  /** Where the next part begins; undefined when this is the last. */
  next: Place | undefined
}

/** Of what is wanted, as much as fits into half of the room, or into what the rest of it leaves. */
const share = (room: number, rest: number): number => Math.max(room / 2, room - rest)

function choose(task: TaskDetail, from: Place, room: number): Omit<Part, 'next'> {
  const { description } = task
  const text = typeof description === 'string' ? description : jsonText(description)
  const start = from.descriptionFrom
  const subtasksCost = sumOf(task.subtasks, summaryCost)
  const textRoom = share(room, sumOf(task.owners, personCost) + subtasksCost)
  const whole = start === 0 ? cost(description) : Number.POSITIVE_INFINITY
  const fitsWhole = whole <= textRoom
  const end = fitsWhole ? text.length : endWithin(text, start, textRoom)
  const left = room - (fitsWhole ? whole : cost(text.slice(start, end)))
  const owners = within(task.owners, personCost, share(left, subtasksCost))
  const subtasks = within(task.subtasks, summaryCost, left - sumOf(owners, personCost))
  return { text, start, end, owners, subtasks }
}

/** Every part has something, however long names and titles are: else nobody would ever come to the end. */
function withSomething(part: Omit<Part, 'next'>, { owners, subtasks }: TaskDetail): Omit<Part, 'next'> {
  if (part.end > part.start || part.owners.length > 0 || part.subtasks.length > 0) return part
  return owners.length > 0
    ? { ...part, owners: owners.slice(0, 1) }
    : { ...part, subtasks: subtasks.slice(0, 1) }
}

/** What of the task, read from the same place, fits into so many tokens. */
export function partOf(task: TaskDetail, from: Place, room: number): Part {
  const part = withSomething(choose(task, from, room), task)
  const { text, end, owners, subtasks } = part
  const more =
    end < text.length ||
    owners.length < task.owners.length ||
    subtasks.length < task.subtasks.length ||
    task.moreOwners ||
    task.moreSubtasks
  const next = {
    updatedAt: task.updatedAt,
    descriptionFrom: end,
    ownersFrom: from.ownersFrom + owners.length,
    subtasksAfter: subtasks.at(-1)?.id ?? from.subtasksAfter,
  }
  return { ...part, next: more ? next : undefined }
}
