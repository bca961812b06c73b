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

/** The next tasks, from an id on, that the person may have created. */
const window = statement<{ last: number | null }, { seen: number; rows: number }>(`
  SELECT max(id) AS last FROM (SELECT id FROM task WHERE id > @seen ORDER BY id LIMIT @rows) AS next`)
const forgetCreator = statement<unknown, Person & { seen: number; last: number }>(
  'UPDATE task SET created_by = NULL WHERE created_by = @userId AND id > @seen AND id <= @last',
)
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

/** Nobody is the creator of what the person created; one pass over all tasks. Answers of how many. */
async function forgetCreations(engine: Engine, userId: number): Promise<number> {
  let [seen, created] = [0, 0]
  await inSteps(engine, function* (rows) {
    // What the step learns it keeps to itself until it is done: the database may ask for it again.
    const last = (yield* window.first({ seen, rows }))?.last ?? null
    if (last === null) return 0
    const changes = yield* forgetCreator.run({ userId, seen, last })
    seen = last
    created += changes
    return rows
  })
  return created
}

/** Removes a person; what tasks remember of it goes in small transactions first. */
export const personRemover =
  (engine: Engine) =>
  async (userId: number): Promise<RemovedPerson> => {
    const memberships = await engine.write('operator', () => closeWays(userId))
    const created = await forgetCreations(engine, userId)
    const owned = await inSteps(engine, (rows) => forgetOwner.run({ userId, rows }))
    await engine.write('operator', () => remove.run({ userId }))
    return { memberships, created, owned }
  }
