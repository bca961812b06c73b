import type { Engine } from './engine.js'
import { statement, type Work } from './statement.js'
import { inSteps } from './steps.js'
import type { RemovedPerson } from './types.js'

interface Person {
  userId: number
}

/** Every way in, so that nothing new is made in the person's name while the rest goes; memberships come last. */
const WAYS_IN = ['session', 'oauth_access_token', 'oauth_refresh_token', 'oauth_consent', 'account', 'member']
const closings = WAYS_IN.map((table) =>
  statement<unknown, Person>(`DELETE FROM ${table} WHERE user_id = @userId`),
)

const forgetCreator = statement<unknown, Person & { rows: number }>(`
  UPDATE task SET created_by = NULL WHERE id IN (
    SELECT id FROM task WHERE created_by = @userId LIMIT @rows)`)
const forgetOwner = statement<unknown, Person & { rows: number }>(`
  DELETE FROM task_owner WHERE (task_id, user_id) IN (
    SELECT task_id, user_id FROM task_owner WHERE user_id = @userId LIMIT @rows)`)
const remove = statement<unknown, Person>('DELETE FROM "user" WHERE id = @userId')

/** Answers how many memberships ended. */
function* closeWays(userId: number): Work<number> {
  let closed = 0
  for (const closing of closings) closed = yield* closing.run({ userId })
  return closed
}

/** Removes a person; what tasks remember of it goes in small transactions first. */
export const personRemover =
  (engine: Engine) =>
  async (userId: number): Promise<RemovedPerson> => {
    const memberships = await engine.write('operator', () => closeWays(userId))
    const created = await inSteps(engine, (rows) => forgetCreator.run({ userId, rows }))
    const owned = await inSteps(engine, (rows) => forgetOwner.run({ userId, rows }))
    await engine.write('operator', () => remove.run({ userId }))
    return { memberships, created, owned }
  }
