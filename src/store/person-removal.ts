import type { Connection } from './connection.js'
import { inSteps } from './connection-steps.js'
import type { RemovedPerson } from './types.js'

/** Every way in, so that nothing new is made in the person's name while the rest goes. */
const WAYS_IN = ['session', 'oauth_access_token', 'oauth_refresh_token', 'oauth_consent', 'account']

/** The next tasks, from an id on, that the person may have created. */
const WINDOW = 'SELECT max(id) FROM (SELECT id FROM task WHERE id > ? ORDER BY id LIMIT ?)'
const FORGET_CREATOR = 'UPDATE task SET created_by = NULL WHERE created_by = ? AND id > ? AND id <= ?'
const FORGET_OWNER = `
  DELETE FROM task_owner WHERE rowid IN (SELECT rowid FROM task_owner WHERE user_id = ? LIMIT ?)`

/** Removes a person; what tasks remember of it goes in small transactions first. */
export function personRemover(connection: Connection): (userId: number) => Promise<RemovedPerson> {
  const { sqlite, write } = connection
  const closeWays = WAYS_IN.map((table) => sqlite.prepare(`DELETE FROM ${table} WHERE user_id = ?`))
  const leave = sqlite.prepare('DELETE FROM member WHERE user_id = ?')
  const window = sqlite.prepare<unknown[], number | null>(WINDOW).pluck()
  const forgetCreator = sqlite.prepare(FORGET_CREATOR)
  const forgetOwner = sqlite.prepare(FORGET_OWNER)
  const remove = sqlite.prepare('DELETE FROM user WHERE id = ?')

  return async (userId) => {
    const memberships = await write(() => {
      for (const statement of closeWays) statement.run(userId)
      return leave.run(userId).changes
    })
    let [seen, created] = [0, 0]
    await inSteps(connection, (rows) => {
      const last = window.get(seen, rows) ?? null
      if (last === null) return 0
      created += forgetCreator.run(userId, seen, last).changes
      seen = last
      return rows
    })
    const owned = await inSteps(connection, (rows) => forgetOwner.run(userId, rows).changes)
    await write(() => remove.run(userId))
    return { memberships, created, owned }
  }
}
