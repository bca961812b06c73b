/** The parts of docs/scale.md that are made from figures, never written by hand. */
import { type Bench, type BenchSite, CALLS, type Nodes, type Tasks } from './figures.js'
import type { Plan } from './plan.js'
import { tasksBlock } from './tasks.js'

export interface Figures {
  bench: Bench
  plan: Plan
  nodes: Nodes
  tasks: Tasks
}

type Cell = string | number

/** Whole numbers with their thousands apart. */
export const cellOf = (cell: Cell): string => (typeof cell === 'number' ? cell.toLocaleString('en-US') : cell)
const row = (cells: readonly Cell[]): string => `| ${cells.map(cellOf).join(' | ')} |`
export const table = (head: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

const percent = (part: number): string => `${Math.round(part * 100)} %`
const nameOf = ({ database, nodes }: BenchSite): string =>
  `${database}, ${nodes} ${nodes === 1 ? 'node' : 'nodes'}`

/** Whether others worked on the machine, in words: half a core's worth of them is no quiet. */
export function quiet({
  loadAtStart,
  loadAtEnd,
  cores,
}: Pick<Bench['machine'], 'loadAtStart' | 'loadAtEnd' | 'cores'>): string {
  const loads = `Load average ${loadAtStart} before the start and ${loadAtEnd} at the end`
  return loadAtStart < 0.5
    ? `${loads}: the machine was quiet before, and the load at the end is the bench's own.`
    : `${loads}, on ${cores} cores: **the machine was not quiet**, so waits and calls per second are worse than they would be alone; processor time per call suffers less.`
}

const measuredRow = (site: BenchSite) =>
  CALLS.map((call) => {
    const { alone, full } = site.calls[call]
    const { nodes, database, balancer, generator } = full.cpuMs
    const database_ = site.database === 'SQLite' ? 'in the node' : database
    return [
      nameOf(site),
      `\`${call.split(' ')[0]}\`${call.slice(call.split(' ')[0]?.length)}`,
      alone.p50,
      Math.round(full.perSecond),
      full.p50,
      full.p99,
      nodes,
      database_,
      balancer,
      generator,
    ]
  })

const HEAD = [
  'site',
  'call',
  'one at a time, p50 ms',
  'calls/s',
  'p50 ms',
  'p99 ms',
  'CPU ms per call: nodes',
  'PostgreSQL',
  'nginx',
  'who calls',
]

function benchBlock({ machine, inFlight, sites }: Bench): string {
  const { at, cores, processor, memoryGiB, node, postgres } = machine
  return [
    `Measured on ${at}: ${cores} cores of ${processor}, ${memoryGiB} GiB, Node ${node}, PostgreSQL ${postgres} with its default settings, ${inFlight} calls in flight. ${quiet(machine)} A node took up to ${Math.max(...sites.map((site) => site.memoryMiB))} MiB of memory.`,
    '',
    table(HEAD, sites.flatMap(measuredRow)),
  ].join('\n')
}

function habitsBlock({ habits, mostBusy }: Plan): string {
  const { list_tasks: lists, get_task: reads, create_task: writes } = habits.parts
  return [
    `- A person makes ${habits.callsPerPersonPerDay} calls a day, ${percent(habits.busiestHour)} of them in the busiest hour: ${percent(lists)} \`list_tasks\`, ${percent(reads)} \`get_task\`, ${percent(writes)} writes, of which ${percent(habits.creations)} create a task.`,
    `- An organization has ${habits.peoplePerOrganization} people. A client refreshes its token ${habits.refreshesPerPersonPerDay} times a day.`,
    `- A task is changed ${habits.changesPerTask} times in its life, its creation included.`,
    `- Nodes and database cores are bought so that the busiest hour keeps them ${percent(mostBusy)} busy, and never fewer than two of each.`,
  ].join('\n')
}

const SIZE_HEAD = [
  'people',
  'calls/s in the busiest hour',
  'nodes (1 core each)',
  'database cores',
  'nginx, cores busy',
  'connections at most',
  'p50 / p99 ms',
  'p99 ms with one node less',
  'most calls at once',
]

function sizesBlock({ sizes, callsPerSecondOfOneCore: of, nodesPerDatabaseCore }: Plan): string {
  const rows = sizes.map((size) => [
    size.people,
    size.callsPerSecond,
    size.nodes,
    size.databaseCores,
    size.balancerCores,
    size.connections,
    `${size.simulated.p50Ms} / ${size.simulated.p99Ms}`,
    size.withOneNodeLess.p99Ms,
    size.simulated.atOnce,
  ])
  return [
    `One core, fully busy with that mixture, serves ${of.nodes} calls a second as a node, ${of.database} as the database, ${of.balancer} as nginx: for each core that the database is busy, the nodes are busy for ${nodesPerDatabaseCore}.`,
    '',
    table(SIZE_HEAD, rows),
  ].join('\n')
}

const hotBlock = ({ hotOrganization: { writesPerSecond, levels } }: Plan): string =>
  [
    `One organization took ${writesPerSecond} writes a second here, with all else on the same cores.`,
    '',
    table(
      ['of that', 'writes/s', 'p50 ms', 'p99 ms'],
      levels.map((level) => [percent(level.full), level.writesPerSecond, level.p50Ms, level.p99Ms]),
    ),
  ].join('\n')

const idsBlock = ({ yearsOfIds }: Plan): string =>
  table(
    ['people', 'refresh tokens, years', 'changes (audit), years', 'tasks, years'],
    yearsOfIds.map((one) => [one.people, one.refreshTokens, one.changes, one.tasks]),
  )

const storageBlock = ({ bench, plan }: Figures): string => {
  const { task, task_owner: owner, audit } = bench.storage
  return [
    `With its part of every index, a task of the bench takes ${task.bytesPerRow} bytes, an owner ${owner.bytesPerRow}, a change ${audit.bytesPerRow}.`,
    '',
    table(
      ['tasks', 'changes', 'GB'],
      plan.storage.map((one) => [one.tasks, one.changes, one.gigabytes]),
    ),
  ].join('\n')
}

const sqliteBlock = ({ sqlite: { callsPerSecond, people }, mostBusy }: Plan): string =>
  `One process on SQLite, by what it did below and kept ${percent(mostBusy)} busy in the busiest hour: ${cellOf(callsPerSecond)} calls a second, ${cellOf(people)} people.`

const largeBlock = ({ largeDatabase: { cores, callsPerSecond, people } }: Plan): string =>
  `One PostgreSQL of ${cores} cores, by the same costs: ${cellOf(callsPerSecond)} calls a second in the busiest hour, ${cellOf(people)} people. That is arithmetic, not a measurement: locks and caches of so large a machine have not been seen here.`

function nodesBlock({ killedNodes, crashedDatabase, rollingUpgrade }: Nodes): string {
  const rows = Object.entries({
    'a node killed with SIGKILL and started again': killedNodes,
    'PostgreSQL crashed and recovered': crashedDatabase,
    'rolling upgrade of two nodes': rollingUpgrade,
  }).map(([what, told]) => [
    what,
    told.rounds ?? 1,
    told.acknowledged,
    Object.entries(told.refused)
      .map(([status, count]) => `${count} × ${status === '0' ? 'broken connection' : status}`)
      .join(', ') || 'none',
    told.longestGapMs,
  ])
  return table(
    [
      'under load',
      'times',
      'acknowledged writes',
      'calls refused, then sent again',
      'longest pause between two, ms',
    ],
    rows,
  )
}

/** The text of each block, by its name. */
export const blocksOf = (figures: Figures): Record<string, string> => ({
  bench: benchBlock(figures.bench),
  sqlite: sqliteBlock(figures.plan),
  habits: habitsBlock(figures.plan),
  sizes: sizesBlock(figures.plan),
  'hot organization': hotBlock(figures.plan),
  ids: idsBlock(figures.plan),
  storage: storageBlock(figures),
  'large database': largeBlock(figures.plan),
  'many nodes': nodesBlock(figures.nodes),
  tasks: tasksBlock(figures.tasks),
})

/** The page with each block's text between `<!-- figures: NAME -->` and `<!-- end -->`. */
export function filled(page: string, blocks: Record<string, string>): string {
  return page.replace(/(<!-- figures: (.+) -->\n)[\s\S]*?(<!-- end -->)/g, (_, from, name: string, to) => {
    const text = blocks[name]
    if (text === undefined) throw new Error(`There is no block "${name}".`)
    return `${from}${text}\n${to}`
  })
}
