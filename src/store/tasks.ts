import { auditWriter } from './audit.js'
import type { Connection } from './connection.js'
import { taskCreator } from './task-create.js'
import { taskReader } from './task-detail.js'
import { taskLister } from './task-list.js'
import { taskUpdater } from './task-update.js'
import type { TaskStore } from './types.js'

/** Tasks: where their transactions begin and end. */
export function taskStore(connection: Connection): TaskStore {
  const read = taskReader(connection)
  const parts = { read, audit: auditWriter(connection) }
  const list = taskLister(connection)
  const { create, replay } = taskCreator(connection, parts)
  const update = taskUpdater(connection, parts)

  return {
    list: (query) => connection.read(() => list(query)),
    get: (userId, taskId) => connection.read(() => read(userId, taskId)),
    replay: (userId, idempotency, at) => connection.read(() => replay(userId, at, idempotency)),
    create: (actor, task, idempotency) => connection.write(() => create(actor, task, idempotency)),
    update: (actor, taskId, patch, expected) =>
      connection.write(() => update(actor, taskId, patch, expected)),
  }
}
