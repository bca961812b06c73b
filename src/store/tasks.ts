import type { Engine } from './engine.js'
import { listAtOnce } from './postgres/task-list.js'
import { listByMerging } from './sqlite/task-list.js'
import { createTask, replay } from './task-create.js'
import { OWN_TASKS } from './task-detail.js'
import { updateTask } from './task-update.js'
import type { TaskStore } from './types.js'

/** Tasks: where their transactions begin and end. */
export function taskStore({ dialect, read, write }: Engine): TaskStore {
  const list = dialect === 'postgres' ? listAtOnce : listByMerging
  return {
    list: (query) => read(query.userId, () => list(query)),
    get: (userId, taskId, from) => read(userId, () => OWN_TASKS.read(userId, taskId, from)),
    replay: (userId, idempotency, at) => read(userId, () => replay(userId, idempotency, at)),
    create: (actor, task, idempotency) => write(actor.userId, () => createTask(actor, task, idempotency)),
    update: (actor, taskId, patch, expected) =>
      write(actor.userId, () => updateTask(OWN_TASKS, actor, taskId, patch, expected)),
  }
}
