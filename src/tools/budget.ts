/** How many tokens a result may have, so that every host shows all of it: some cut at 25,000, and many calls add up. */
import type { Person, TaskRow, TaskSummary } from '../store/types.js'
import { tokensOf } from './tokens.js'
import { visible } from './visible.js'

export const LIST_TOKENS = 6000
export const TASK_TOKENS = 8000

/** Keys, ids, times and status of a task, of a summary and of a person, all as long as they can be. */
const [TASK, SUMMARY, PERSON] = [150, 17, 16]
/** The same of a row: what every row has, and what comes with each field that it may have. */
const [ROW, ASSIGNEE, PARENT, COMPLETED] = [39, 4, 5, 20]
/** What says that there is more and how to go on. */
export const MORE = 200

/** A value as a model reads it. */
export const cost = (value: unknown): number => tokensOf(JSON.stringify(visible(value)))

/** Texts that are the same in JSON and to a reader: most of all. */
const PLAIN = /^[ !#-[\]-~]*$/

const texts = (...some: readonly (string | null | undefined)[]): number =>
  some.reduce((sum: number, text) => sum + (text ? (PLAIN.test(text) ? tokensOf(text) : cost(text)) : 0), 0)

const digits = (...ids: readonly number[]): number =>
  ids.reduce((sum, id) => sum + Math.ceil(String(id).length / 3), 0)

export function rowCost(row: TaskRow): number {
  const { id, title, organizationId, organizationName, assignee, parentTaskId, completedAt } = row
  return (
    ROW +
    digits(id, organizationId) +
    texts(title, organizationName) +
    (assignee === null ? 0 : ASSIGNEE + texts(assignee)) +
    (parentTaskId === null ? 0 : PARENT + digits(parentTaskId)) +
    (completedAt === null ? 0 : COMPLETED)
  )
}

export const summaryCost = ({ title }: TaskSummary): number => SUMMARY + texts(title)
export const personCost = ({ name, email }: Person): number => PERSON + texts(name, email)

/** A task without its description, owners and subtasks. */
export const headCost = (task: {
  title: string
  organization: { name: string; slug: string }
  assignee: string | null
  parentTask: TaskSummary | null
  createdBy: Person | null
}): number =>
  TASK +
  texts(task.title, task.organization.name, task.organization.slug, task.assignee, task.parentTask?.title) +
  texts(task.createdBy?.name, task.createdBy?.email)

export const sumOf = <Item>(items: readonly Item[], costOf: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + costOf(item), 0)

/** The first items, as many as `room` holds. */
export function within<Item>(items: readonly Item[], costOf: (item: Item) => number, room: number): Item[] {
  let left = room
  const end = items.findIndex((item) => {
    left -= costOf(item)
    return left < 0
  })
  return end < 0 ? [...items] : items.slice(0, end)
}

/** Characters that are measured, and kept or left, together. */
const STEP = 100

/** Where a piece of `text` ends that begins at `from` and has at most `room` tokens; never within a character. */
export function endWithin(text: string, from: number, room: number): number {
  let [end, left] = [from, room]
  while (end < text.length) {
    const next = Math.min(text.length, end + STEP)
    const whole = /[\uD800-\uDBFF]$/.test(text.slice(end, next)) ? next + 1 : next
    left -= cost(text.slice(end, whole))
    if (left < 0) break
    end = whole
  }
  return end
}

/** What the changed fields of an update may take together. */
const CHANGED_TOKENS = 1500

/** The changed fields that there is room for, the names of the others, and the tokens of the first. */
export function changedWithin<Changed extends object>(changed: Changed) {
  const kept = within(Object.entries(changed), ([, change]) => cost(change), CHANGED_TOKENS)
  const shown = Object.fromEntries(kept) as Changed
  const unshown = (Object.keys(changed) as (keyof Changed)[]).filter((field) => !(field in shown))
  return { shown, unshown, taken: cost(shown) }
}
