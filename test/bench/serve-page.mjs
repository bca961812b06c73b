// The figures as a page.
const digits = (value) => (value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0))
const row = (cells) => `| ${cells.join(' | ')} |`
const table = (head, rows) =>
  [row(head), row(head.map((_, at) => (at === 0 ? '---' : '--:'))), ...rows.map(row)].join('\n')

export const CALLS = ['list_tasks', 'get_task', 'create_task', 'tools/list']
export const ERAS = { modern: '2026-07-28', legacy: '2025-11-25' }

export const caseOf = ({ cases }, era, call) => cases.find((one) => one.era === era && one.call === call)
const costOf = (contender, era, call) => caseOf(contender, era, call)?.cpuUs.median
const named = ({ contenders }, name) => contenders.find((one) => one.name === name)

const costTable = (bench, era) => {
  const floor = named(bench, 'floor')
  const rows = bench.contenders.flatMap((contender) => {
    if (!caseOf(contender, era, 'list_tasks')) return []
    const cells = CALLS.map((call) => {
      const { median, low, high } = caseOf(contender, era, call).cpuUs
      return `${digits(median)} (${digits(low)}–${digits(high)}), ${digits(median / costOf(floor, era, call))}×`
    })
    return [[contender.title, ...cells]]
  })
  return table(['', ...CALLS.map((call) => `\`${call}\``)], rows)
}

const rateTable = (bench, era) =>
  table(
    ['', ...CALLS.map((call) => `\`${call}\``)],
    bench.contenders.flatMap((contender) => {
      if (!caseOf(contender, era, 'list_tasks')) return []
      const cells = CALLS.map((call) => {
        const { perSecond, p50Ms, p99Ms } = caseOf(contender, era, call)
        return `${digits(perSecond.median)}/s, ${digits(p50Ms)} / ${digits(p99Ms)} ms`
      })
      return [[contender.title, ...cells]]
    }),
  )

/** What was wanted, and whether it is so. */
export function goals(bench) {
  const [floor, ours, v2, fastmcp] = ['floor', 'ours', 'sdk-v2', 'fastmcp'].map((name) => named(bench, name))
  const { writes, signIns, memory, workers } = bench
  const ratio = (one, other) => one / other
  const list = costOf(ours, 'modern', 'list_tasks')
  const atMost = (what, value, most) => ({ what, value, goal: `at most ${most}`, met: value <= most })
  const eras = Math.max(
    ...CALLS.map((call) => ratio(costOf(ours, 'legacy', call), costOf(ours, 'modern', call))),
  )
  const [, first, ...later] = memory.mebibytes
  return [
    atMost('`list_tasks`, beside the floor', ratio(list, costOf(floor, 'modern', 'list_tasks')), 1.5),
    atMost('`list_tasks`, beside the plain SDK', ratio(list, costOf(v2, 'modern', 'list_tasks')), 0.4),
    atMost(
      '`list_tasks`, beside FastMCP (which knows the legacy era only)',
      ratio(costOf(ours, 'legacy', 'list_tasks'), costOf(fastmcp, 'legacy', 'list_tasks')),
      0.4,
    ),
    atMost(
      '`create_task`, beside the floor',
      ratio(costOf(ours, 'modern', 'create_task'), costOf(floor, 'modern', 'create_task')),
      1.3,
    ),
    atMost('legacy era beside modern, at the dearest of the four', eras, 1.2),
    atMost(
      '99 % of calls within, beside sign-ins / alone',
      ratio(signIns.besideP99Ms, signIns.aloneP99Ms),
      2,
    ),
    atMost('memory after all calls / after the first tenth', ratio(later.at(-1), first), 1.1),
    {
      what: '`--workers 2` beside one process, calls a second',
      value: workers.times,
      goal: 'at least 1.6',
      met: workers.times >= 1.6,
    },
    {
      what: '64 writers at once / one at a time, writes a second',
      value: writes.ours.times,
      goal: 'shown',
      met: true,
    },
  ]
}

export function page(bench) {
  const { machine, writes, starts, memory, signIns, workers } = bench
  const goalRows = goals(bench).map(({ what, value, goal, met }) => [
    what,
    `${digits(value)}×`,
    goal,
    met ? 'yes' : '**no**',
  ])
  const writeRows = Object.entries(writes).map(([name, { alone, together, times }]) => [
    named(bench, name).title,
    `${digits(alone)}/s`,
    `${digits(together)}/s`,
    `${digits(times)}×`,
  ])
  const startRows = Object.entries(starts).map(([name, { median, low, high }]) => [
    `\`${name}\``,
    `${digits(median)} (${digits(low)}–${digits(high)})`,
  ])
  return `# Speed

What a call costs beside a bare server and beside other ways to build one. \`npm run bench\` measures it and writes this
page, [the figures](speed/bench.json) and the picture. The servers share one processor core, whoever asks them has another;
each answers the same requests from a copy of the same store (two organizations of 1,000 tasks each), 16 at a time, in
rounds that begin with another server each. Processor time is that of the server alone: it is steadier than rates are.

Measured ${machine.at} on ${machine.cores} cores of ${machine.processor}, Node ${machine.node.slice(1)}; load ${machine.loadAtStart} before the start, ${machine.loadAtEnd} at the end.

![Processor time of a call](speed/bench.svg)

The floor is \`node:http\` that parses the message, looks the token up in a map, runs the same SQL and writes the same JSON, and
nothing else: no check of host, origin, rights, rate or arguments, no log, no overload. The peers run the same SQL too; their
tokens are looked up in a map.

## Goals

${table(['', 'measured', 'goal', 'met'], goalRows)}

## Processor time of a call

Microseconds: the median of all rounds, in brackets the quartiles around it, and how many times the floor that is.

MCP ${ERAS.modern}:

${costTable(bench, 'modern')}

MCP ${ERAS.legacy}:

${costTable(bench, 'legacy')}

## Calls a second, and how long one takes

With 16 under way on one core, where two workers have no more than one; p50 / p99.

MCP ${ERAS.modern}:

${rateTable(bench, 'modern')}

MCP ${ERAS.legacy}:

${rateTable(bench, 'legacy')}

## Writes

\`create_task\` waits until the disk has it (\`synchronous=FULL\`). Writes that come at the same time share one transaction, and so one
wait; each is answered only after that.

${table(['', 'one writer', '64 writers', ''], writeRows)}

## Workers

\`list_tasks\` with 32 under way, on both cores; whoever asks needs a part of one. One process serves
${digits(workers.one)} a second, \`--workers 2\` ${digits(workers.two)}: ${digits(workers.times)}×.

## Start

Milliseconds from the start of the process.

${table(['', 'ms'], startRows)}

## Memory

Resident MiB in the course of ${memory.calls.toLocaleString('en')} calls of \`list_tasks\`, from the start and after each tenth: ${memory.mebibytes.join(', ')}.

## Sign-ins

Of a hundred calls a second, 99 % are answered within ${digits(signIns.aloneP99Ms)} ms alone, and within ${digits(signIns.besideP99Ms)} ms while eight browsers sign in without a pause
(${digits(signIns.perSecondBeside)} sign-ins a second); ${signIns.callsRefused} calls were refused, ${signIns.signInsFailed} sign-ins failed.
`
}
