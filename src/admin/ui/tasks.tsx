import { useCallback, useState } from 'react'
import type { Status, TaskRow } from '../../store/types.js'
import { useFilter } from './filter.js'
import { LEVEL, useKeys } from './keyboard.js'
import type { Span } from './line.js'
import { type Column, HEADINGS, useChoice } from './list.js'
import { ListSheet } from './list-sheet.js'
import { type ReadPage, usePages } from './load.js'
import { type Hint, roomOf } from './sheet.js'
import { type ScreenProps, useStage } from './stage.js'
import { nextStatus, statusSpan, statusWord } from './status.js'
import { ago } from './text.js'

const columnsAt = (now: number): Column<TaskRow>[] => [
  { title: '#', width: 7, align: 'right', show: ({ id }) => [{ text: String(id), tone: 'muted' }] },
  { title: 'STATUS', width: 13, show: ({ status }) => [statusSpan(status)] },
  { title: 'TITLE', width: 'rest', show: ({ title }) => [title] },
  {
    title: 'ASSIGNEE',
    width: 24,
    from: 108,
    show: ({ assignee }) => [assignee ?? { text: '–', tone: 'muted' }],
  },
  { title: 'ORGANIZATION', width: 20, from: 90, show: (row) => [row.organizationName] },
  {
    title: 'UPDATED',
    width: 10,
    from: 60,
    show: (row) => [{ text: ago(row.updatedAt, now), tone: 'muted' }],
  },
]

const HINTS: readonly Hint[] = [
  ['↑↓', 'move'],
  ['⏎', 'open'],
  ['/', 'filter'],
  ['s', 'status'],
]

/** Every task, newest first, a page at a time. */
export function TasksScreen({ active, place, ...size }: ScreenProps) {
  const { store, now, revision, openTask, back } = useStage()
  const room = roomOf(size)
  const filter = useFilter(active)
  const [status, setStatus] = useState<Status>()
  const organization = place?.screen === 'tasks' ? place.organization : undefined

  const read: ReadPage<TaskRow> = async (after, limit, signal) => {
    const text = filter.text || undefined
    const query = { text, status, organizationId: organization?.id, before: after?.id, limit }
    const { tasks, more } = await store.browse.tasks(query, signal)
    return { rows: tasks, more }
  }
  const question = JSON.stringify([filter.text, status, organization?.id])
  const pages = usePages(active ? read : undefined, { question, revision })
  const keyOf = useCallback(({ id }: TaskRow) => id, [])
  const height = room.height - HEADINGS
  const { rows, stale } = pages
  const choice = useChoice({ rows, keyOf, height, question, stale, onEnd: pages.next })

  useKeys(
    LEVEL.screen,
    active
      ? (press) => {
          if (filter.handle(press) || choice.handle(press)) return true
          if (press === 's') setStatus(nextStatus(status))
          else if (press === 'enter' && choice.row && !stale) openTask(choice.row.id)
          else if (press === 'escape' && status) setStatus(undefined)
          else if (press === 'escape' && organization) back()
          else return false
          return true
        }
      : undefined,
  )
  const narrowed = [
    organization && `of ${organization.name}`,
    status && `· ${statusWord(status).toLowerCase()}`,
  ].filter((word) => word !== undefined)
  const title: Span[] = [
    { text: 'Tasks', bold: true },
    { text: ` ${narrowed.join(' ')}`, tone: 'muted' },
  ]
  const empty =
    status || organization
      ? 'No task is like that. Esc shows all of them again.'
      : 'There is no task yet. Fill the store with: zuko-mcp admin seed --demo'
  return (
    <ListSheet
      {...{ ...size, title, choice, filter, empty }}
      rows={rows}
      loaded={pages}
      hints={HINTS}
      columns={columnsAt(now().getTime())}
    />
  )
}
