/** From what `npm run bench -- scale` measured: a block of docs/scale.md and its picture. */
import { cellOf, quiet, table } from './blocks.js'
import type { Tasks, TasksRow } from './figures.js'

/** The median at the most tasks may be so many times the one at the fewest. */
export const MOST_GROWTH = 1.3

const unique = <Value>(values: readonly Value[]): Value[] => [...new Set(values)]

/** The rows of one kind of call, from the fewest tasks to the most. */
interface Series {
  tool: string
  people: string
  rows: TasksRow[]
  growth: number
}

export function seriesOf(rows: readonly TasksRow[]): Series[] {
  const kinds = unique(rows.map(({ tool, people }) => `${tool}\n${people}`))
  return kinds.map((kind) => {
    const [tool = '', people = ''] = kind.split('\n')
    const own = rows.filter((row) => row.tool === tool && row.people === people)
    const sorted = own.sort((a, b) => a.tasks - b.tasks)
    const [first, last] = [sorted[0]?.ms ?? 1, sorted.at(-1)?.ms ?? 1]
    return { tool, people, rows: sorted, growth: last / first }
  })
}

const shortOf = (tasks: number): string => (tasks < 1e6 ? `${tasks / 1000}k` : `${tasks / 1e6}M`)

function callsTable(rows: readonly TasksRow[]): string {
  const series = seriesOf(rows)
  const sizes = series[0]?.rows.map(({ tasks }) => shortOf(tasks)) ?? []
  const head = [
    'call',
    'a person of',
    ...sizes.map((size) => `${size}, ms`),
    'most to least',
    ...sizes.map((size) => `${size}, CPU ms`),
  ]
  return table(
    head,
    series.map(({ tool, people, rows, growth }) => [
      `\`${tool}\``,
      people,
      ...rows.map(({ ms }) => ms.toFixed(2)),
      growth.toFixed(2),
      ...rows.map(({ cpuMs }) => cpuMs.toFixed(2)),
    ]),
  )
}

/** What an index is for, in a few words. */
const PURPOSE: Record<string, string> = {
  task: 'the rows',
  task_recent: 'lists in order',
  task_recent_by_status: 'lists of one status in order',
  task_subtasks: 'subtasks of a task',
  task_organization_id: 'parents tied to the same organization',
  task_created_by: 'removing a person',
  task_owner: 'the rows',
  sqlite_autoindex_task_owner_1: 'owners of a task',
  task_owner_user: 'removing a person',
}

function storageTable(storage: Tasks['storage']): string {
  const largest = storage.at(-1)
  const rows = (largest?.parts ?? []).map(({ name, type, table }) => [
    type === 'table' ? `table \`${name}\`` : `index \`${name}\` of \`${table}\``,
    PURPOSE[name] ?? '',
    ...storage.map(({ parts }) => parts.find((part) => part.name === name)?.bytesPerTask ?? 0),
  ])
  const sums = storage.map(({ tasks, fileBytes }) => Math.round(fileBytes / tasks))
  const head = ['part of the file', 'for', ...storage.map(({ tasks }) => `${shortOf(tasks)}, bytes a task`)]
  return table(head, [...rows, ['the whole file', '', ...sums]])
}

export function tasksBlock({ machine, storage, straight, served }: Tasks): string {
  const { at, cores, processor, memoryGiB, node, sqlite } = machine
  const organizations = storage
    .map((one) => `${cellOf(one.organizations)} at ${shortOf(one.tasks)}`)
    .join(', ')
  return [
    `Measured on ${at}: ${cores} cores of ${processor}, ${memoryGiB} GiB, Node ${node}, SQLite ${sqlite}. ${quiet(machine)} Organizations: ${organizations}; the largest has a tenth of all tasks, the smallest 10. Medians of warm stores, each called in turn.`,
    '',
    'The tools straight on the store:',
    '',
    callsTable(straight),
    '',
    'Through the built server, with HTTP and the check of the token:',
    '',
    callsTable(served),
    '',
    storageTable(storage),
  ].join('\n')
}

const COLOURS = ['#3b82f6', '#10b981', '#f59e0b', '#ef4444']
const [WIDTH, HEIGHT, LEFT, TOP, GAP] = [220, 130, 44, 60, 60]

/** One panel: medians over the number of tasks, a line for each kind of people. */
function panel(series: readonly Series[], title: string, left: number, top: number): string[] {
  const highest = Math.max(...series.flatMap(({ rows }) => rows.map(({ ms }) => ms))) * 1.1
  const sizes = series[0]?.rows.map(({ tasks }) => tasks) ?? []
  const x = (at: number): string => (left + LEFT + (at * WIDTH) / (sizes.length - 1)).toFixed(1)
  const y = (ms: number): string => (top + HEIGHT - (ms / highest) * HEIGHT).toFixed(1)
  const ticks = [0, highest / 2, highest].flatMap((ms) => [
    `<line x1="${left + LEFT}" x2="${left + LEFT + WIDTH}" y1="${y(ms)}" y2="${y(ms)}" stroke="#6b7280" stroke-opacity="0.3"/>`,
    `<text x="${left + LEFT - 6}" y="${Number(y(ms)) + 4}" text-anchor="end">${ms.toFixed(highest < 1 ? 2 : 1)}</text>`,
  ])
  const lines = series.flatMap(({ rows }, at) => {
    const points = rows.map(({ ms }, place) => `${x(place)},${y(ms)}`)
    return [
      `<polyline points="${points.join(' ')}" fill="none" stroke="${COLOURS[at]}" stroke-width="2"/>`,
      ...points.map(
        (point) =>
          `<circle cx="${point.split(',')[0]}" cy="${point.split(',')[1]}" r="3" fill="${COLOURS[at]}"/>`,
      ),
    ]
  })
  const labels = sizes.map(
    (tasks, at) =>
      `<text x="${x(at)}" y="${top + HEIGHT + 16}" text-anchor="middle">${shortOf(tasks)}</text>`,
  )
  return [
    `<text x="${left + LEFT}" y="${top - 10}" font-weight="bold">${title}</text>`,
    ...ticks,
    ...lines,
    ...labels,
  ]
}

/** Medians by the number of tasks: what does not grow with them is flat. */
export function tasksPicture({ machine, straight, served }: Tasks): string {
  const rows = [
    { name: 'straight on the store', series: seriesOf(straight) },
    { name: 'through the server', series: seriesOf(served) },
  ]
  const tools = unique(straight.map(({ tool }) => tool))
  const people = unique(straight.map((row) => row.people))
  const width = tools.length * (WIDTH + LEFT + 20)
  const height = TOP + rows.length * (HEIGHT + GAP)
  const legend = people.map(
    (name, at) =>
      `<rect x="${at * 200}" y="28" width="12" height="12" fill="${COLOURS[at]}"/><text x="${at * 200 + 18}" y="38">${name}</text>`,
  )
  const panels = rows.flatMap(({ name, series }, row) =>
    tools.flatMap((tool, column) =>
      panel(
        series.filter((one) => one.tool === tool),
        `${tool}, ${name}`,
        column * (WIDTH + LEFT + 20),
        TOP + 20 + row * (HEIGHT + GAP),
      ),
    ),
  )
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width + 60} ${height + 20}" font-family="sans-serif" font-size="12" fill="#6b7280">`,
    `<text x="0" y="16">${machine.at}: median milliseconds of a call by the number of tasks in the store; a person of …</text>`,
    ...legend,
    ...panels,
    '</svg>',
  ]
  return `${lines.join('\n')}\n`
}
