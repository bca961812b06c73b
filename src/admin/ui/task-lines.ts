import type { JsonValue, TaskDetail, TaskSummary } from '../../store/types.js'
import { cell, type Span, type Spans } from './line.js'
import { heading, type ReadLine, SPACE } from './lines.js'
import { statusSign, statusSpan } from './status.js'
import { ago, minute, wrap } from './text.js'

const LABEL = 12
const NONE: Span = { text: '–', tone: 'muted' }

/** A fact with its name in front. */
export const fact = (label: string, spans: Spans): ReadLine => ({
  spans: [...cell([{ text: label, tone: 'muted' }], LABEL), ...spans],
})

type Open = (taskId: number) => void

const linked = ({ id, title, status }: TaskSummary, open: Open): ReadLine => ({
  spans: [statusSign(status), { text: ` #${id} `, tone: 'muted' }, title],
  keys: { enter: () => open(id) },
})

function subtaskLines({ subtasks, moreSubtasks }: TaskDetail, open: Open): ReadLine[] {
  if (subtasks.length === 0) return []
  const done = subtasks.filter(({ status }) => status === 'DONE').length
  return [
    ...heading('Subtasks', `${done} of ${moreSubtasks ? 'the first ' : ''}${subtasks.length} done`),
    ...subtasks.map((one) => linked(one, open)),
  ]
}

/** A description as lines: text as it is, anything else as JSON. */
function descriptionLines(description: JsonValue, width: number): ReadLine[] {
  if (description === null) return [...heading('Description'), { spans: [NONE] }]
  const text = typeof description === 'string' ? description : JSON.stringify(description, null, 2)
  const kept = text.split('\n').flatMap((line) => {
    const indent = /^ */.exec(line)?.[0] ?? ''
    return wrap(line.slice(indent.length), width - indent.length).map((part) => indent + part)
  })
  return [...heading('Description'), ...kept.map((line) => ({ spans: [line] }))]
}

interface Reading {
  width: number
  now: number
  open: Open
}

/** Everything about a task, in lines of `width` columns. */
export function taskLines(task: TaskDetail, { width, now, open }: Reading): ReadLine[] {
  const { owners, createdBy, parentTask, completedAt } = task
  const title = wrap(task.title, width)
  const by = createdBy ? ` by ${createdBy.name}` : ''
  const [when, passed] = [minute(task.updatedAt), ago(task.updatedAt, now)]
  const old = { text: when.startsWith(passed) ? '' : `  ${passed}`, tone: 'muted' as const }
  return [
    ...title.map((line) => ({ spans: [{ text: line, bold: true }] })),
    { spans: [statusSpan(task.status), { text: `  ${task.organization.name}`, tone: 'muted' }] },
    SPACE,
    fact('Assignee', [task.assignee ?? NONE]),
    ...(owners.length === 0 ? [fact('Owners', [NONE])] : []),
    ...owners.map(({ name, email }, index) =>
      fact(index === 0 ? 'Owners' : '', [name, { text: `  ${email}`, tone: 'muted' }]),
    ),
    fact('Created', [`${minute(task.createdAt)} UTC${by}`]),
    fact('Updated', [`${when} UTC`, old]),
    fact('Completed', [completedAt === null ? NONE : `${minute(completedAt)} UTC`]),
    ...(parentTask ? [...heading('Part of'), linked(parentTask, open)] : []),
    ...subtaskLines(task, open),
    ...descriptionLines(task.description, width),
  ]
}
