import { auditWriter } from './audit.js'
import type { Connection } from './connection.js'
import { EVERYONE, memberMatcher } from './members.js'
import { ANY_DETAIL, taskReader } from './task-detail.js'
import { taskUpdater } from './task-update.js'
import type { OperatorStore } from './types.js'

/** What members may do, for whoever holds the store itself. */
export function operatorStore(connection: Connection): OperatorStore {
  const read = taskReader(connection, ANY_DETAIL)
  const update = taskUpdater(connection, { read, audit: auditWriter(connection) })
  const match = memberMatcher(connection, EVERYONE)
  return {
    tasks: {
      get: (userId, taskId) => connection.read(() => read(userId, taskId)),
      update: (actor, taskId, patch, expected) =>
        connection.write(() => update(actor, taskId, patch, expected)),
    },
    members: {
      match: (userId, organizationId, text) => connection.read(() => match(userId, organizationId, text)),
    },
  }
}
