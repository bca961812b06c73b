import { isZukoError, ZukoError } from '../../errors.js'
import type { TaskDetail } from '../../store/types.js'
import { runTool, type Tool, toolByName } from '../../tools/index.js'
import type { AdminDeps } from '../deps.js'
import { OPERATOR, operatorContext, TERMINAL_CLIENT } from '../operator.js'
import { isoTime } from '../time.js'
import { wordsOf } from './load.js'
import type { Stage } from './stage.js'

/** What may be edited here. */
export interface TaskEdit {
  title?: string
  status?: string
  assignee?: string | null
}

/** Whom the audit names for an edit. */
export const ACTOR = `${OPERATOR}, through ${TERMINAL_CLIENT}`

const changedMeanwhile = () =>
  new ZukoError('CONFLICT', 'The task changed meanwhile; nothing was saved, and it is shown as it is now.')

/**
 * Changes a task by the tool `update_task` itself, as whoever holds the store. Answers what changed, in words.
 * @throws ZukoError with the tool's code; CONFLICT when the task is no longer as it was shown
 */
export async function changeTask(
  { store, now }: Pick<Stage, 'store' | 'now'>,
  { id: taskId, updatedAt }: TaskDetail,
  edit: TaskEdit,
): Promise<string> {
  const asSeen = { taskId, ...edit, expectedUpdatedAt: isoTime(updatedAt) }
  const answer = await runTool(toolByName('update_task') as Tool, asSeen, operatorContext(store, now)).catch(
    (error) => {
      throw isZukoError(error, 'CONFLICT') ? changedMeanwhile() : error
    },
  )
  const fields = Object.keys(answer.changed as object)
  const what = fields.length === 0 ? 'Nothing changed.' : `Saved ${fields.join(' and ')} of #${taskId}.`
  return typeof answer.note === 'string' ? `${what} ${answer.note}` : what
}

/** Runs what a command runs, and says on the screen what it would print. */
export async function run(
  { deps, say, changed }: Pick<Stage, 'deps' | 'say' | 'changed'>,
  command: (deps: AdminDeps) => Promise<void>,
): Promise<void> {
  const printed: string[] = []
  const print = (line: string) => void printed.push(line)
  const io = { ...deps.io, out: print, err: print, status: () => {}, isTTY: false }
  try {
    await command({ ...deps, io })
    say({ text: printed.join(' ') })
  } catch (error) {
    say({ text: wordsOf(error), wrong: true })
  }
  changed()
}
