import { isDeepStrictEqual } from 'node:util'
import { Argument, Command } from 'commander'
import { isZukoError, ZukoError } from '../errors.js'
import type { AuditEntry, JsonValue, Store, TaskDetail, TaskField } from '../store/types.js'
import { runTool, type ToolContext, toolByName } from '../tools/index.js'
import type { Act, AdminDeps } from './deps.js'
import { positive } from './number.js'
import { operatorContext } from './operator.js'
import { isoTime } from './time.js'

/** `admin audit undo`: takes one change back. */
export const undoCommand = (act: Act): Command =>
  new Command('undo')
    .description('take one change of a task back, which is itself a change')
    .addArgument(
      new Argument('<change>', 'number of the change, as "audit list" shows it').argParser(positive),
    )
    .addHelpText(
      'after',
      [
        '',
        'It is refused when a field that the change touched was changed again since.',
        '',
        'Example:',
        '  zuko-mcp admin audit undo 1207',
      ].join('\n'),
    )
    .action((change: number) => act((deps) => undoChange(deps, { change })))

const SEE_LIST = 'see "zuko-mcp admin audit list"'

async function changeToUndo(store: Store, id: number): Promise<AuditEntry> {
  const entry = await store.audit.find(id)
  if (!entry) throw new ZukoError('FAILED', `The audit has no change ${id}.`, { fix: SEE_LIST })
  if (entry.action === 'update') return entry
  throw new ZukoError('FAILED', `Change ${id} created task ${entry.taskId}; a task cannot be uncreated.`, {
    fix: `cancel it: "zuko-mcp admin call update_task --task-id ${entry.taskId} --status CANCELLED --as EMAIL"`,
  })
}

/** The fields of a change whose value is not (any more) the one it had on that side of the change. */
const differing = (task: TaskDetail, { changes }: AuditEntry, side: 'from' | 'to'): string[] =>
  Object.entries(changes)
    .filter(([field, values]) => !isDeepStrictEqual(task[field as TaskField], values[side]))
    .map(([field]) => field)

/** A stored value as update_task takes it. */
const asArgument = (field: string, value: JsonValue): JsonValue =>
  field === 'completedAt' && typeof value === 'number' ? isoTime(value) : value

const movedOn = (id: number, { id: taskId }: { id: number }, fields: readonly string[]) =>
  new ZukoError(
    'FAILED',
    `Task ${taskId} has moved on since change ${id}: ${fields.join(', ')} changed again.`,
    {
      fix: `see "zuko-mcp admin audit list --task ${taskId}", and undo the newer change first`,
    },
  )

/**
 * Gives the fields of a change the values they had before it, through update_task itself, and only if the
 * task is still as it was read.
 * @throws ZukoError FAILED for an unknown change, a creation, or a task that has moved on or is gone
 */
export async function undoChange(
  { io, store: opened, now }: AdminDeps,
  { change: id }: { change: number },
): Promise<void> {
  const store = await opened()
  const change = await changeToUndo(store, id)
  const context = operatorContext(store, now)
  const task = await context.store.tasks.get(0, change.taskId)
  if (!task)
    throw new ZukoError('FAILED', `Task ${change.taskId} of change ${id} is gone.`, { fix: SEE_LIST })
  if (differing(task, change, 'from').length === 0) {
    return io.out(`Nothing changed: change ${id} of task ${task.id} is undone already.`)
  }
  const moved = differing(task, change, 'to')
  if (moved.length > 0) throw movedOn(id, task, moved)
  await giveBack(change, task, context)
  io.out(`Undid change ${id}: ${Object.keys(change.changes).join(', ')} of task ${task.id} is as before.`)
}

/** What stood in a field before goes back as it stood there: an assignee is not looked up again. */
const asItStood = ({ store, ...rest }: ToolContext): ToolContext => ({
  ...rest,
  store: { ...store, members: { ...store.members, match: async () => [] } },
})

async function giveBack({ id, changes }: AuditEntry, task: TaskDetail, context: ToolContext): Promise<void> {
  const tool = toolByName('update_task')
  if (!tool) throw new Error('There is no update_task.')
  const values = Object.entries(changes).map(([field, { from }]) => [field, asArgument(field, from)])
  const expectedUpdatedAt = isoTime(task.updatedAt)
  const args = { taskId: task.id, ...Object.fromEntries(values), expectedUpdatedAt }
  try {
    await runTool(tool, args, asItStood(context))
  } catch (error) {
    if (isZukoError(error, 'CONFLICT')) throw movedOn(id, task, Object.keys(changes))
    throw error
  }
}
