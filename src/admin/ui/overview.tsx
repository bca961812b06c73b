import type { Overview } from '../../store/types.js'
import { STATUSES } from '../../tools/words.js'
import { type AuditRow, auditRows, changeWords } from '../audit.js'
import { LEVEL, useKeys } from './keyboard.js'
import { cell, Lines, type Span, type Spans } from './line.js'
import { type Column, HEADINGS, List, useChoice } from './list.js'
import { useLoad } from './load.js'
import { type Hint, Instead, roomOf, Sheet } from './sheet.js'
import { type ScreenProps, type Stage, useStage } from './stage.js'
import { statusSpan } from './status.js'
import { ago, bytes, grouped } from './text.js'

const HOUR_MS = 3_600_000
const LAST_CHANGES = 50

interface Seen {
  overview: Overview
  changes: AuditRow[]
  /** Milliseconds that the store took to answer. */
  took: number
}

async function look({ store, now }: Pick<Stage, 'store' | 'now'>): Promise<Seen> {
  const begun = performance.now()
  await store.ping()
  const took = performance.now() - begun
  const overview = await store.browse.overview(now().getTime() - HOUR_MS)
  return { overview, took, changes: await auditRows(store, await store.audit.list({ limit: LAST_CHANGES })) }
}

const HINTS: readonly Hint[] = [
  ['1-6', 'screens'],
  ['↑↓', 'move'],
  ['⏎', 'open the task'],
]

/** The whole store at a glance: numbers, tasks by status, the last changes, and how it is. */
export function OverviewScreen({ active, place: _place, ...size }: ScreenProps) {
  const stage = useStage()
  const room = roomOf(size)
  const loaded = useLoad(active ? () => look(stage) : undefined, stage.revision)
  const changes = loaded.value?.changes ?? []
  const roomy = room.height >= ROOMY
  const height = Math.max(room.height - LINES - (roomy ? SPACES : 0), HEADINGS + 1)
  const choice = useChoice({ rows: changes, keyOf: ({ id }: AuditRow) => id, height: height - HEADINGS })

  useKeys(
    LEVEL.screen,
    active
      ? (press) => {
          if (choice.handle(press)) return true
          if (press === 'enter' && choice.row) stage.openTask(choice.row.taskId)
          return press === 'enter'
        }
      : undefined,
  )
  const title: Span[] = [
    { text: 'Overview', bold: true },
    { text: `  ${stage.path}`, tone: 'muted' },
  ]
  if (!loaded.value || loaded.error !== undefined) {
    return (
      <Sheet {...size} title={title} hints={HINTS}>
        <Instead loaded={loaded} empty="" width={room.width} />
      </Sheet>
    )
  }
  const { overview, took } = loaded.value
  const space: Spans[] = roomy ? [[]] : []
  const above = [
    numbers(overview),
    ...space,
    ...STATUSES.map((status) => bar(overview, status, room.width)),
    ...space,
    [{ text: '  Last changes', bold: true }, ...lastHour(overview)],
  ]
  return (
    <Sheet {...size} title={title} hints={HINTS}>
      <Lines width={room.width} lines={above} />
      {changes.length > 0 ? (
        <List
          {...room}
          {...{ height, choice }}
          columns={changeColumns(stage.now().getTime())}
          rows={changes}
        />
      ) : (
        <Lines width={room.width} lines={[[{ text: `  ${NOTHING}`, tone: 'muted' }]]} />
      )}
      <Lines width={room.width} lines={[...space, health(overview, took)]} />
    </Sheet>
  )
}

/** Numbers, four statuses, the title of the changes and the health; and the spaces between them. */
const LINES = 7
const SPACES = 3
const ROOMY = LINES + SPACES + HEADINGS + 3

const NOTHING = 'Nothing has changed yet. Fill the store with: zuko-mcp admin seed --demo'

const totalOf = ({ tasks }: Overview) => STATUSES.reduce((sum, status) => sum + tasks[status], 0)

function numbers(overview: Overview): Span[] {
  const { organizations, people, disabled } = overview
  const number = (count: number, one: string, many: string): Span[] => [
    { text: grouped(count), bold: true, tone: 'accent' },
    { text: ` ${count === 1 ? one : many}`, tone: 'muted' },
  ]
  const off: Span[] = disabled > 0 ? [{ text: ` (${grouped(disabled)} disabled)`, tone: 'muted' }] : []
  const gap = { text: '     ' }
  return [
    { text: '  ' },
    ...number(organizations, 'organization', 'organizations'),
    gap,
    ...number(people, 'person', 'people'),
    ...off,
    gap,
    ...number(totalOf(overview), 'task', 'tasks'),
  ]
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A status, how many tasks have it, and how many that is of all. */
function bar(overview: Overview, status: (typeof STATUSES)[number], width: number): Spans {
  const [count, total] = [overview.tasks[status], totalOf(overview)]
  const room = Math.min(Math.max(width - 38, 4), 48)
  const eighths = total === 0 ? 0 : Math.max(Math.round((count / total) * room * 8), count > 0 ? 1 : 0)
  const drawn = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '')
  const percent = total === 0 ? '' : `${Math.round((count / total) * 100)} %`
  return [
    { text: '  ' },
    ...cell([statusSpan(status)], 14),
    ...cell([grouped(count)], 10, 'right'),
    ...cell([{ text: percent, tone: 'muted' }], 7, 'right'),
    { text: '  ' },
    { text: drawn, tone: status === 'IN_PROGRESS' ? 'accent' : 'muted' },
  ]
}

const lastHour = ({ changes }: Overview): Span[] => [
  { text: `  ${changes === 0 ? 'none' : grouped(changes)} in the last hour`, tone: 'muted' },
]

function health({ bytes: size, logBytes }: Overview, took: number): Span[] {
  const log = logBytes > 0 ? ` + ${bytes(logBytes)} log` : ''
  const speed = took < 1 ? 'under 1 ms' : `${Math.round(took)} ms`
  return [
    { text: '  Store', bold: true },
    { text: `  ${bytes(size)}${log} on disk`, tone: 'muted' },
    { text: '   ● ', tone: 'accent' },
    { text: `healthy, answers in ${speed}`, tone: 'muted' },
  ]
}

/** The columns of a list of changes, here and in the audit. */
export const changeColumns = (now: number): Column<AuditRow>[] => [
  { title: 'WHEN', width: 10, show: ({ at }) => [{ text: ago(at, now), tone: 'muted' }] },
  { title: 'WHO', width: 20, from: 60, show: (row) => [row.user ?? `removed account ${row.userId}`] },
  { title: 'THROUGH', width: 18, from: 100, show: ({ client }) => [{ text: client, tone: 'muted' }] },
  {
    title: 'TASK',
    width: 7,
    align: 'right',
    show: ({ taskId }) => [{ text: String(taskId), tone: 'muted' }],
  },
  { title: 'WHAT', width: 'rest', show: whatOf },
]

const whatOf = (row: AuditRow): Spans =>
  row.action === 'create'
    ? [{ text: 'created ', tone: 'accent' }, String(row.changes.title?.to ?? changeWords(row))]
    : [changeWords(row)]
