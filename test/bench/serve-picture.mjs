// The processor time of a call, as bars: SVG, in colours that read on light and dark pages.
import { CALLS, caseOf, ERAS } from './serve-page.mjs'

const [BAR, GAP, LEFT, WIDTH, TOP] = [16, 18, 150, 300, 52]
const PANEL = LEFT + WIDTH + 70
const [OURS, OTHERS] = ['#3b82f6', '#9ca3af']

const text = (x, y, words, more = '') => `<text x="${x}" y="${y}" ${more}>${words}</text>`
const bar = (x, y, width, colour) =>
  `<rect x="${x}" y="${y}" width="${width.toFixed(1)}" height="${BAR - 3}" fill="${colour}"/>`

/** One call in one era: a bar for each contender that knows the era. */
function group(bench, era, call, left, top, perMicrosecond) {
  const present = bench.contenders.filter((contender) => caseOf(contender, era, call))
  const rows = present.flatMap((contender, at) => {
    const y = top + 8 + at * BAR
    const cost = caseOf(contender, era, call).cpuUs.median
    const colour = contender.name.startsWith('ours') ? OURS : OTHERS
    return [
      text(left + LEFT - 6, y + BAR - 6, contender.title, 'text-anchor="end"'),
      bar(left + LEFT, y, cost * perMicrosecond, colour),
      text(left + LEFT + cost * perMicrosecond + 5, y + BAR - 6, Math.round(cost)),
    ]
  })
  return [text(left, top, call, 'font-weight="bold"'), ...rows]
}

export function picture(bench) {
  const costs = bench.contenders.flatMap(({ cases }) => cases.map(({ cpuUs }) => cpuUs.median))
  const perMicrosecond = WIDTH / Math.max(...costs)
  const tall = bench.contenders.length * BAR + BAR + GAP
  const panels = Object.entries(ERAS).flatMap(([era, version], panel) => [
    text(panel * PANEL, 36, `MCP ${version}`, 'font-weight="bold" font-size="14"'),
    ...CALLS.flatMap((call, at) =>
      group(bench, era, call, panel * PANEL, TOP + 8 + at * tall, perMicrosecond),
    ),
  ])
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * PANEL} ${TOP + CALLS.length * tall}" font-family="sans-serif" font-size="12" fill="#6b7280">`,
    text(0, 14, `Processor microseconds of a call, ${bench.machine.at}`),
    ...panels,
    '</svg>',
  ].join('\n')}\n`
}
