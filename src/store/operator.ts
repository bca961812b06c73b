import type { Engine } from './engine.js'
import { EVERYONE, matchMembers } from './members.js'
import { ALL_TASKS } from './task-detail.js'
import { updateTask } from './task-update.js'
import type { OperatorStore } from './types.js'

/** What members may do, for whoever holds the store itself. */
export const operatorStore = ({ read, write }: Engine): OperatorStore => ({
  tasks: {
    get: (userId, taskId) => read('operator', () => ALL_TASKS.read(userId, taskId)),
    update: (actor, taskId, patch, expected) =>
      write('operator', () => updateTask(ALL_TASKS, actor, taskId, patch, expected)),
  },
  members: {
    match: (userId, organizationId, text) =>
      read('operator', () => matchMembers(EVERYONE, { userId, organizationId }, text)),
  },
})
