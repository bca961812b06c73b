/** The picture of the bench: bars, as SVG, in colours that read on light and dark pages. */
import { type Bench, type BenchSite, CALLS, type CallName } from './figures.js'

const [BAR, GAP, LEFT, WIDTH] = [16, 14, 210, 360]
const PARTS = [
  { key: 'nodes', name: 'nodes', colour: '#3b82f6' },
  { key: 'database', name: 'PostgreSQL', colour: '#f59e0b' },
  { key: 'balancer', name: 'nginx', colour: '#10b981' },
] as const
const PANEL = LEFT + WIDTH + 60

const textAt = (x: number, y: number, text: string, more = ''): string =>
  `<text x="${x}" y="${y}" ${more}>${text}</text>`
const barAt = (x: number, y: number, width: number, colour: string): string =>
  `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${BAR - 3}" fill="${colour}"/>`

const named = ({ database, nodes }: BenchSite): string =>
  database === 'SQLite' ? 'SQLite, 1 process' : `PostgreSQL, ${nodes} node${nodes === 1 ? '' : 's'}`

const rateOf = (site: BenchSite, call: CallName): number => site.calls[call].full.perSecond
const costOf = (site: BenchSite, call: CallName): number =>
  PARTS.reduce((sum, { key }) => sum + site.calls[call].full.cpuMs[key], 0)

/** Bars of one kind of figure, a group of sites for each call. */
function panel(
  { sites }: Bench,
  left: number,
  highest: number,
  draw: (site: BenchSite, call: CallName, scale: number) => { bars: [number, string][]; label: string },
): string[] {
  return CALLS.flatMap((call, group) => {
    const top = 64 + group * (sites.length * BAR + BAR + GAP)
    const rows = sites.flatMap((site, at) => {
      const y = top + 8 + at * BAR
      const { bars, label } = draw(site, call, WIDTH / highest)
      let x = left + LEFT
      const rects = bars.map(([width, colour]) => {
        x += width
        return barAt(x - width, y, width, colour)
      })
      return [
        textAt(left + LEFT - 8, y + BAR - 6, named(site), 'text-anchor="end"'),
        ...rects,
        textAt(x + 5, y + BAR - 6, label),
      ]
    })
    return [textAt(left, top, call, 'font-weight="bold"'), ...rows]
  })
}

export function picture(bench: Bench): string {
  const all = bench.sites.flatMap((site) =>
    CALLS.map((call) => [rateOf(site, call), costOf(site, call)] as const),
  )
  const [fastest, dearest] = [0, 1].map((part) => Math.max(...all.map((pair) => pair[part] as number))) as [
    number,
    number,
  ]
  const height = 64 + CALLS.length * (bench.sites.length * BAR + BAR + GAP)
  const { machine, inFlight } = bench
  const legend = PARTS.flatMap(({ name, colour }, at) => [
    barAt(PANEL + 260 + at * 110, 28, 12, colour),
    textAt(PANEL + 278 + at * 110, 38, name),
  ])
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * PANEL} ${height}" font-family="sans-serif" font-size="12" fill="#6b7280">`,
    textAt(
      0,
      16,
      `${machine.at}: everything on ${machine.cores} shared cores, ${inFlight} calls in flight, load ${machine.loadAtStart} before the start`,
    ),
    textAt(0, 38, 'Calls per second', 'font-weight="bold" font-size="14"'),
    textAt(PANEL, 38, 'Processor milliseconds per call', 'font-weight="bold" font-size="14"'),
    ...legend,
    ...panel(bench, 0, fastest, (site, call, scale) => ({
      bars: [[rateOf(site, call) * scale, '#3b82f6']],
      label: String(Math.round(rateOf(site, call))),
    })),
    ...panel(bench, PANEL, dearest, (site, call, scale) => ({
      bars: PARTS.map(({ key, colour }) => [site.calls[call].full.cpuMs[key] * scale, colour]),
      label: costOf(site, call).toFixed(1),
    })),
    '</svg>',
  ]
  return `${lines.join('\n')}\n`
}
