import { useState } from 'react'
import type { JsonValue } from '../../store/types.js'
import { type AuditRow, auditRows } from '../audit.js'
import { shownTime } from '../time.js'
import { undoChange } from '../undo.js'
import { run } from './change.js'
import { LEVEL, useKeys } from './keyboard.js'
import type { Span } from './line.js'
import { Detail, heading, type ReadLine } from './lines.js'
import { HEADINGS, useChoice } from './list.js'
import { ListSheet } from './list-sheet.js'
import { type ReadPage, usePages } from './load.js'
import { changeColumns } from './overview.js'
import { type Hint, roomOf, type Size } from './sheet.js'
import { type ScreenProps, type Stage, useStage } from './stage.js'
import { fact } from './task-lines.js'
import { wrap } from './text.js'

const HINTS: readonly Hint[] = [
  ['↑↓', 'move'],
  ['⏎', 'open'],
  ['t', 'its task'],
  ['u', 'undo'],
]

const keyOf = ({ id }: AuditRow) => id

/** Asks, and takes a change back as the command does. */
const undo = (stage: Stage, { id, taskId, changes }: AuditRow): void =>
  stage.ask({
    text: `Take change ${id} back: ${Object.keys(changes).join(', ')} of #${taskId} as before?`,
    yes: () => run(stage, (deps) => undoChange(deps, { change: id })),
  })

/** Who changed what, newest first, a page at a time; of one task where it was asked for. */
export function AuditScreen({ active, place, ...size }: ScreenProps) {
  const stage = useStage()
  const { store, now, revision, openTask, back } = stage
  const room = roomOf(size)
  const [opened, setOpened] = useState<AuditRow>()
  const taskId = place?.screen === 'audit' ? place.taskId : undefined

  const read: ReadPage<AuditRow> = async (after, limit) => {
    const entries = await store.audit.list({ taskId, before: after?.id, limit: limit + 1 })
    return { rows: await auditRows(store, entries.slice(0, limit)), more: entries.length > limit }
  }
  const question = String(taskId)
  const pages = usePages(active ? read : undefined, { question, revision })
  const { rows, stale } = pages
  const height = room.height - HEADINGS
  const choice = useChoice({ rows, keyOf, height, question, stale, onEnd: pages.next })
  const row = stale ? undefined : choice.row

  useKeys(
    LEVEL.screen,
    active && !opened
      ? (press) => {
          if (choice.handle(press)) return true
          if (press === 'enter') setOpened(row)
          else if (press === 't' && row) openTask(row.taskId)
          else if (press === 'u' && row) undo(stage, row)
          else if (press === 'escape' && taskId !== undefined) back()
          else return false
          return true
        }
      : undefined,
  )
  if (opened) {
    return <ChangeSheet {...size} active={active} row={opened} close={() => setOpened(undefined)} />
  }
  const of: Span[] = taskId === undefined ? [] : [{ text: ` of task #${taskId}`, tone: 'muted' }]
  const hints: Hint[] = taskId === undefined ? [...HINTS] : [...HINTS, ['Esc', 'back']]
  return (
    <ListSheet
      {...{ ...size, choice, hints }}
      title={[{ text: 'Audit', bold: true }, ...of]}
      rows={rows}
      loaded={pages}
      columns={changeColumns(now().getTime())}
      empty={EMPTY}
    />
  )
}

const EMPTY =
  'Nothing has changed yet. Whatever changes a task is kept here: who, through which client, from what to what.'

/** One change in full. */
function ChangeSheet({
  row,
  active,
  close,
  ...size
}: Size & { row: AuditRow; active: boolean; close(): void }) {
  const stage = useStage()
  const keys = { t: () => stage.openTask(row.taskId), u: () => undo(stage, row) }
  return (
    <Detail
      {...size}
      active={active}
      title={[
        { text: 'Change ', bold: true },
        { text: String(row.id), tone: 'muted' },
      ]}
      lines={changeLines(row, roomOf(size).width - 2)}
      hints={[
        ['t', 'its task'],
        ['u', 'undo'],
      ]}
      keys={keys}
      close={close}
    />
  )
}

function changeLines(row: AuditRow, width: number): ReadLine[] {
  const named = row.client === row.clientId ? '' : `  ${row.clientId}`
  return [
    fact('When', [`${shownTime(row.at)} UTC`]),
    fact('Who', [row.user ?? `removed account ${row.userId}`]),
    fact('Through', [row.client, { text: named, tone: 'muted' }]),
    fact('Task', [
      `#${row.taskId}`,
      { text: row.action === 'create' ? '  created by this change' : '', tone: 'muted' },
    ]),
    fact('Request', [{ text: row.requestId, tone: 'muted' }]),
    ...Object.entries(row.changes).flatMap(([field, { from, to }]) => [
      ...heading(field),
      ...(row.action === 'create' ? [] : side('from', field, from, width)),
      ...side('to', field, to, width),
    ]),
  ]
}

/** One side of a change, in as many lines as it takes. */
function side(word: 'from' | 'to', field: string, value: JsonValue, width: number): ReadLine[] {
  const text =
    value === null
      ? 'nothing'
      : field === 'completedAt' && typeof value === 'number'
        ? `${shownTime(value)} UTC`
        : typeof value === 'string'
          ? value
          : JSON.stringify(value, null, 2)
  return wrap(text, width - 12).map((line, index) => fact(index === 0 ? word : '', [line]))
}
