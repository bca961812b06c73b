import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownLimits, watchedLimits } from '../../src/serve/limits.js'
import { startTelemetry, type Telemetry } from '../../src/serve/telemetry.js'
import { rpc, startEndpoint, type TestEndpoint } from '../helpers/endpoint.js'
import { tableUnder } from '../helpers/markdown.js'
import { ROOT } from '../helpers/sources.js'

const read = (path: string) => readFileSync(join(ROOT, 'docs', path), 'utf8')
const page = read('observability.md')

interface Dashboard {
  panels: { title: string; targets: { expr: string }[] }[]
  templating: { list: { query: string | { query: string } }[] }
}
const dashboard = JSON.parse(read('grafana/dashboard.json')) as Dashboard

let telemetry: Telemetry
let at: TestEndpoint
let metrics: string
beforeAll(async () => {
  telemetry = await startTelemetry(
    { prometheus: { port: 1, token: undefined }, exporting: undefined },
    { version: '1' },
  )
  const limits = watchedLimits(ownLimits(Date.now), telemetry.limited)
  at = await startEndpoint({ telemetry, rateLimit: limits('calls', { perSecond: 1, burst: 1 }) })
  telemetry.observe({ size: at.store.size, loopDelay: () => ({ p99: 1, max: 2 }) })
  for (const _ of [1, 2]) await at.ask(rpc('legacy', 'tools/call', { name: 'list_tasks', arguments: {} }))
  telemetry.access('sign-in', 'ok')
  telemetry.shed()
  metrics = await telemetry.text()
})
afterAll(async () => {
  await at.close()
  await telemetry.close()
})

const WORDS = /\b(?:mcp|zuko|nodejs|process)_[a-z0-9_]+\b/g
const types = () =>
  new Map([...metrics.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]))
const labels = () => new Set([...metrics.matchAll(/([a-z_]+)="/g)].map(([, label = '']) => label))

/** Every word of an expression that looks like one of ours and is neither a metric nor a label of it. */
function unknown(expr: string): string[] {
  const known = new Set(labels())
  for (const [name, type] of types()) {
    known.add(name)
    if (type === 'histogram') for (const end of ['bucket', 'count', 'sum']) known.add(`${name}_${end}`)
  }
  return (expr.match(WORDS) ?? []).filter((word) => !known.has(word))
}

test.each(dashboard.panels.map(({ title, targets }) => [title, targets] as const))(
  'the panel "%s" reads metrics and labels that exist',
  (_, targets) => {
    for (const { expr } of targets) {
      expect(expr.match(WORDS)?.length).toBeGreaterThan(0)
      expect(unknown(expr), expr).toEqual([])
    }
  },
)

test('the dashboard shows every metric', () => {
  const shown = JSON.stringify(dashboard)
  const names = [...types().keys()].filter((name) => name !== 'target_info')
  expect(names.filter((name) => !shown.includes(name))).toEqual([])
})

test('the page has a row for every metric, and for no other', () => {
  const rows = tableUnder(page, 'Prometheus').flatMap(([name = '']) => name.match(/[a-z0-9_]+(?=`)/g) ?? [])
  expect(rows.sort()).toEqual([...types().keys()].sort())
})

test('what the page shows in code exists', () => {
  const blocks = [...page.matchAll(/```promql\n(.*?)```/gs)].map(([, code = '']) => code)
  expect(blocks.length).toBeGreaterThan(0)
  expect(blocks.flatMap(unknown)).toEqual([])
})
