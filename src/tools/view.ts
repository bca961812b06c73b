/** From the store's rows to what the tools answer: times become ISO 8601 UTC, empty list fields go. */
import type { z } from 'zod'
import type { TaskDetail, TaskRow, UpdateOutcome } from '../store/types.js'
import type { changedFields, taskDetail, taskRow } from './fields.js'

export const isoTime = (time: number): string => new Date(time).toISOString()
const isoOrNull = (time: number | null) => (time === null ? null : isoTime(time))

export const taskView = ({ moreOwners, moreSubtasks, ...task }: TaskDetail): z.infer<typeof taskDetail> => ({
  ...task,
  createdAt: isoTime(task.createdAt),
  updatedAt: isoTime(task.updatedAt),
  completedAt: isoOrNull(task.completedAt),
})

type RowView = z.infer<typeof taskRow>

/** Field by field: a page has fifty of them. */
export function rowView(row: TaskRow): RowView {
  const { id, title, status, organizationId, organizationName } = row
  const view: Omit<RowView, 'updatedAt'> = { id, title, status, organizationId, organizationName }
  if (row.assignee !== null) view.assignee = row.assignee
  if (row.parentTaskId !== null) view.parentTaskId = row.parentTaskId
  if (row.completedAt !== null) view.completedAt = isoTime(row.completedAt)
  return Object.assign(view, { updatedAt: isoTime(row.updatedAt) })
}

type Changed = Extract<UpdateOutcome, { kind: 'updated' }>['changed']

export function changedView({ completedAt, ...others }: Changed): z.infer<typeof changedFields> {
  const times = completedAt as { from: number | null; to: number | null } | undefined
  const shown = times && { from: isoOrNull(times.from), to: isoOrNull(times.to) }
  return { ...others, ...(shown && { completedAt: shown }) } as z.infer<typeof changedFields>
}
