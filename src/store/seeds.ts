import { holdChain } from './audit-chain.js'
import type { Engine } from './engine.js'
import { statement, type Work } from './statement.js'
import { createTask } from './task-create.js'
import { OWN_TASKS } from './task-detail.js'
import { updateTask } from './task-update.js'
import type { Actor, CreateOutcome, SeededTask, SeedStore } from './types.js'

const ANY_TASK = statement<unknown, { organizationId: number }>(
  'SELECT 1 FROM task WHERE organization_id = @organizationId LIMIT 1',
)

type By = Pick<Actor, 'clientId' | 'requestId'>

function createdId(outcome: CreateOutcome): number {
  if (outcome.kind === 'created') return outcome.task.id
  throw new Error(`A task of a seed cannot be created: ${outcome.kind}.`)
}

/** What happens to the tasks, in the order of time, so that the audit reads as if it had happened. */
function story(tasks: readonly SeededTask[], by: By): (() => Work<unknown>)[] {
  const ids = new Map<SeededTask, number>()
  function* begin(seed: SeededTask): Work<void> {
    const parentTaskId = seed.parent === undefined ? null : (ids.get(seed.parent) ?? null)
    const task = { ...seed.task, parentTaskId }
    ids.set(seed, createdId(yield* createTask({ ...by, ...seed.actor }, task)))
  }
  const change = (seed: SeededTask, { at, patch }: NonNullable<SeededTask['later']>): Work<unknown> =>
    updateTask(OWN_TASKS, { ...by, userId: seed.actor.userId, at }, ids.get(seed) ?? 0, patch)
  const events = tasks.flatMap((seed) => {
    const first = { at: seed.actor.at, happens: (): Work<unknown> => begin(seed) }
    const { later } = seed
    return later ? [first, { at: later.at, happens: () => change(seed, later) }] : [first]
  })
  return events.sort((a, b) => a.at - b.at).map(({ happens }) => happens)
}

function* addTasks(tasks: readonly SeededTask[], by: By): Work<number> {
  const organizations = [...new Set(tasks.map(({ task }) => task.organizationId))].sort((a, b) => a - b)
  const empty = new Set<number>()
  for (const organizationId of organizations) {
    yield* holdChain(organizationId)
    if (!(yield* ANY_TASK.first({ organizationId }))) empty.add(organizationId)
  }
  const added = tasks.filter(({ task }) => empty.has(task.organizationId))
  for (const happens of story(added, by)) yield* happens()
  return added.length
}

/** Tasks that begin in numbers instead of one by one. */
export const seedStore = ({ write }: Engine): SeedStore => ({
  addTasks: (tasks, by) => write('operator', () => addTasks(tasks, by)),
})
