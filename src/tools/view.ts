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

export function rowView(row: TaskRow): z.infer<typeof taskRow> {
  const { assignee, parentTaskId, completedAt, updatedAt, ...always } = row
  return {
    ...always,
    ...(assignee === null ? {} : { assignee }),
    ...(parentTaskId === null ? {} : { parentTaskId }),
    ...(completedAt === null ? {} : { completedAt: isoTime(completedAt) }),
    updatedAt: isoTime(updatedAt),
  }
}

type Changed = Extract<UpdateOutcome, { kind: 'updated' }>['changed']

export function changedView({ completedAt, ...others }: Changed): z.infer<typeof changedFields> {
  const times = completedAt as { from: number | null; to: number | null } | undefined
  const shown = times && { from: isoOrNull(times.from), to: isoOrNull(times.to) }
  return { ...others, ...(shown && { completedAt: shown }) } as z.infer<typeof changedFields>
}
