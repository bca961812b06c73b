import { useState } from 'react'
import { isZukoError } from '../../errors.js'
import type { TaskDetail } from '../../store/types.js'
import { STATUSES, type Status } from '../../tools/words.js'
import { ACTOR, changeTask, type TaskEdit } from './change.js'
import { useField } from './field.js'
import { LEVEL, type Press, useKeys } from './keyboard.js'
import { cell, Lines, type Spans } from './line.js'
import { marked } from './list.js'
import { wordsOf } from './load.js'
import { type Hint, roomOf, Sheet, type Size } from './sheet.js'
import { useStage } from './stage.js'
import { statusSpan } from './status.js'

const HINTS: readonly Hint[] = [
  ['⏎', 'save'],
  ['Esc', 'cancel'],
  ['Tab', 'next field'],
  ['←→', 'change'],
]
const FIELDS = 3
const LABEL = 12

const step = (status: Status, by: number): Status =>
  STATUSES[(STATUSES.indexOf(status) + by + STATUSES.length) % STATUSES.length] as Status

/** The fields that differ from the task. */
const editOf = (task: TaskDetail, title: string, status: Status, assignee: string): TaskEdit => ({
  ...(title !== task.title && { title }),
  ...(status !== task.status && { status }),
  ...(assignee !== (task.assignee ?? '') && { assignee: assignee === '' ? null : assignee }),
})

interface EditProps extends Size {
  task: TaskDetail
  active: boolean
  close(): void
}

/** What is typed in the form, and which field is being typed in. */
function useForm(task: TaskDetail) {
  const title = useField(task.title)
  const assignee = useField(task.assignee ?? '')
  const [status, setStatus] = useState(task.status)
  const [here, setHere] = useState(0)
  const go = (by: number) => setHere((here + by + FIELDS) % FIELDS)
  const turn = (press: Press) => {
    if (press === 'left') setStatus(step(status, -1))
    if (press === 'right' || press === ' ') setStatus(step(status, 1))
  }
  const fields = [title.handle, turn, assignee.handle]
  const handle = (press: Press) => {
    if (press === 'tab' || press === 'down') go(1)
    else if (press === 'shift+tab' || press === 'up') go(-1)
    else fields[here]?.(press)
  }
  return { title, status, assignee, here, handle }
}

/** A form over a task: title, status, assignee. */
export function EditTask({ task, active, close, ...size }: EditProps) {
  const stage = useStage()
  const room = roomOf(size)
  const { title, status, assignee, here, handle } = useForm(task)

  async function save(): Promise<void> {
    const edit = editOf(task, title.text, status, assignee.text.trim())
    try {
      const done = Object.keys(edit).length === 0 ? 'Nothing changed.' : await changeTask(stage, task, edit)
      stage.say({ text: done })
      close()
    } catch (error) {
      stage.say({ text: wordsOf(error), wrong: true })
      if (isZukoError(error, 'CONFLICT')) close()
    }
    stage.changed()
  }
  useKeys(
    LEVEL.panel,
    active
      ? (press) => {
          if (press === 'ctrl+c') return false
          if (press === 'escape') close()
          else if (press === 'enter') void save()
          else handle(press)
          return true
        }
      : undefined,
  )
  const width = room.width - LABEL - 2
  const marks = here === 1 ? (['‹ ', ' ›'] as const) : (['', ''] as const)
  const rows: [string, Spans][] = [
    ['Title', title.spans(width, here === 0)],
    ['Status', [{ text: marks[0], tone: 'accent' }, statusSpan(status), { text: marks[1], tone: 'accent' }]],
    ['Assignee', assignee.spans(width, here === 2)],
  ]
  const fields = rows.map(([label, spans], index) =>
    marked([...cell([{ text: label, tone: 'muted' }], LABEL), ...spans], index === here),
  )
  const heading = [
    { text: 'Edit ', bold: true },
    { text: `#${task.id}`, tone: 'muted' as const },
  ]
  return (
    <Sheet {...size} title={heading} hints={HINTS} typing>
      <Lines width={room.width} lines={[...fields, [], ...NOTES.map(note)]} />
    </Sheet>
  )
}

const NOTES = ["Assignee: a member's e-mail, id or name; empty for nobody.", `The audit will name ${ACTOR}.`]

const note = (text: string): Spans => [{ text: `  ${text}`, tone: 'muted' }]
