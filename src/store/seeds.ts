import { auditWriter } from './audit.js'
import type { Connection } from './connection.js'
import { taskCreator } from './task-create.js'
import { taskReader } from './task-detail.js'
import { taskUpdater } from './task-update.js'
import type { Actor, CreateOutcome, SeededTask, SeedStore } from './types.js'

/** Tasks that begin in numbers instead of one by one. */
export function seedStore(connection: Connection): SeedStore {
  const read = taskReader(connection)
  const parts = { read, audit: auditWriter(connection) }
  const { create } = taskCreator(connection, parts)
  const update = taskUpdater(connection, parts)
  const isEmpty = connection.sqlite
    .prepare('SELECT NOT EXISTS (SELECT 1 FROM task WHERE organization_id = ?)')
    .pluck()

  /** Told in the order of time, so that the audit reads as if it had happened. */
  function tell(tasks: readonly SeededTask[], by: Pick<Actor, 'clientId' | 'requestId'>): number {
    const ids = new Map<SeededTask, number>()
    const begin = (seed: SeededTask): void => {
      const parentTaskId = seed.parent === undefined ? null : (ids.get(seed.parent) ?? null)
      ids.set(seed, createdId(create({ ...by, ...seed.actor }, { ...seed.task, parentTaskId })))
    }
    const change = (seed: SeededTask, { at, patch }: NonNullable<SeededTask['later']>): void => {
      update({ ...by, userId: seed.actor.userId, at }, ids.get(seed) ?? 0, patch)
    }
    const events = tasks.flatMap((seed) => {
      const first = { at: seed.actor.at, happens: () => begin(seed) }
      const { later } = seed
      return later ? [first, { at: later.at, happens: () => change(seed, later) }] : [first]
    })
    for (const event of events.sort((a, b) => a.at - b.at)) event.happens()
    return tasks.length
  }

  return {
    addTasks: (tasks, by) =>
      connection.write(() => {
        const organizations = [...new Set(tasks.map(({ task }) => task.organizationId))]
        const empty = new Set(organizations.filter((id) => isEmpty.get(id) === 1))
        return tell(
          tasks.filter(({ task }) => empty.has(task.organizationId)),
          by,
        )
      }),
  }
}

function createdId(outcome: CreateOutcome): number {
  if (outcome.kind === 'created') return outcome.task.id
  throw new Error(`A task of a seed cannot be created: ${outcome.kind}.`)
}
