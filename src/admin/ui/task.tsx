import { useMemo, useState } from 'react'
import type { TaskDetail } from '../../store/types.js'
import { EditTask } from './edit-task.js'
import { Detail } from './lines.js'
import { useLoad } from './load.js'
import { type Hint, Missing, roomOf, type Size } from './sheet.js'
import { useStage } from './stage.js'
import { taskLines } from './task-lines.js'

interface TaskSheetProps extends Size {
  id: number
  active: boolean
  close(): void
}

/** One task: everything about it, and a way to edit it. */
export function TaskSheet({ id, active, close, ...size }: TaskSheetProps) {
  const { store, now, revision, visit, openTask } = useStage()
  const { width } = roomOf(size)
  const loaded = useLoad(async () => (await store.operator.tasks.get(0, id)) ?? null, `${id} ${revision}`)
  const [editing, setEditing] = useState<TaskDetail>()
  const task = loaded.value
  const lines = useMemo(
    () => (task ? taskLines(task, { width: width - 2, now: now().getTime(), open: openTask }) : []),
    [task, width, now, openTask],
  )
  if (editing)
    return <EditTask {...size} task={editing} active={active} close={() => setEditing(undefined)} />
  const title = [
    { text: 'Task ', bold: true },
    { text: `#${id}`, tone: 'muted' as const },
  ]
  if (!task) {
    const gone = `There is no task #${id} any more. Esc goes back.`
    return <Missing {...size} title={title} active={active} loaded={loaded} empty={gone} close={close} />
  }
  const links = task.subtasks.length > 0 || task.parentTask !== null
  const hints: Hint[] = [...(links ? ([['⏎', 'open']] as const) : []), ['e', 'edit'], ['h', 'history']]
  const keys = { e: () => setEditing(task), h: () => visit({ screen: 'audit', taskId: id }) }
  return (
    <Detail {...size} active={active} title={title} lines={lines} hints={hints} keys={keys} close={close} />
  )
}
