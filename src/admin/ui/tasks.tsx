import { useState } from 'react'
import type { Status, TaskRow } from '../../store/types.js'
import { useFilter, useSettled } from './filter.js'
import { LEVEL, useKeys } from './keyboard.js'
import type { Span } from './line.js'
import { type Column, HEADINGS, useChoice } from './list.js'
import { ListSheet } from './list-sheet.js'
import { type ReadPage, usePages } from './load.js'
import { type Hint, roomOf } from './sheet.js'
import { type Place, type ScreenProps, useStage } from './stage.js'
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

/** What the list is narrowed down to. */
interface Narrowed {
  text: string
  status: Status | undefined
  organization: Extract<Place, { screen: 'tasks' }>['organization']
}

const keyOf = ({ id }: TaskRow) => id

/** The tasks that are asked for, a page at a time, and where one is among them. */
function useTasks(asked: Narrowed, active: boolean, height: number) {
  const { store, revision } = useStage()
  const text = useSettled(asked.text)
  const { status, organization } = asked
  const read: ReadPage<TaskRow> = async (after, limit, signal) => {
    const among = { text: text || undefined, status, organizationId: organization?.id }
    const { tasks, more } = await store.browse.tasks({ ...among, before: after?.id, limit }, signal)
    return { rows: tasks, more }
  }
  const questionOf = (words: string) => JSON.stringify([words, status, organization?.id])
  const pages = usePages(active ? read : undefined, { question: questionOf(text), revision })
  const { rows } = pages
  const stale = pages.stale || text !== asked.text
  const question = questionOf(asked.text)
  const choice = useChoice({ rows, keyOf, height, question, stale, onEnd: pages.next })
  return { rows, choice, loaded: { ...pages, stale } }
}

function titleOf({ organization, status }: Narrowed): Span[] {
  const words = [
    organization && ` of ${organization.name}`,
    status && ` · ${statusWord(status).toLowerCase()}`,
  ]
  return [
    { text: 'Tasks', bold: true },
    { text: words.filter((word) => word !== undefined).join(''), tone: 'muted' },
  ]
}

/** Every task, newest first. */
export function TasksScreen({ active, place, ...size }: ScreenProps) {
  const { now, openTask, back } = useStage()
  const filter = useFilter(active)
  const [status, setStatus] = useState<Status>()
  const organization = place?.screen === 'tasks' ? place.organization : undefined
  const asked = { text: filter.text, status, organization }
  const { rows, choice, loaded } = useTasks(asked, active, roomOf(size).height - HEADINGS)

  useKeys(
    LEVEL.screen,
    active
      ? (press) => {
          if (filter.handle(press) || choice.handle(press)) return true
          if (press === 's') setStatus(nextStatus(status))
          else if (press === 'enter' && choice.row && !loaded.stale) openTask(choice.row.id)
          else if (press === 'escape' && status) setStatus(undefined)
          else if (press === 'escape' && organization) back()
          else return false
          return true
        }
      : undefined,
  )
  const empty =
    status || organization
      ? 'No task is like that. Esc shows all of them again.'
      : 'There is no task yet. Fill the store with: zuko-mcp admin seed --demo'
  return (
    <ListSheet
      {...{ ...size, rows, choice, loaded, filter, empty }}
      title={titleOf(asked)}
      hints={HINTS}
      columns={columnsAt(now().getTime())}
    />
  )
}
