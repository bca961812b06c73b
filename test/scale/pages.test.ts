import { describe, expect, test } from 'vitest'
import { filled } from './blocks.js'
import { benchFigures, generated, standing, tasksFigures } from './pages.js'
import { planFrom } from './plan.js'
import { MOST_GROWTH, seriesOf } from './tasks.js'

const plan = planFrom(benchFigures())

describe('docs/scale.md', () => {
  test.each(Object.entries(generated()))(
    '%s is what the figures make it; npm run scale writes it',
    (path, text) => {
      expect(standing(path)).toBe(text)
    },
  )

  test('a block without figures is refused', () => {
    expect(() => filled('<!-- figures: none -->\n<!-- end -->', {})).toThrow('There is no block "none".')
  })
})

describe('the words around the figures', () => {
  const { sites } = benchFigures()

  test('the nodes are busy before the database, and nginx last', () => {
    const { nodes, database, balancer } = plan.callsPerSecondOfOneCore
    expect(nodes).toBeLessThan(database)
    expect(database).toBeLessThan(balancer)
  })

  test('a call is cheaper on SQLite', () => {
    const costs = sites.map(({ calls }) => calls.get_task.full.cpuMs).map((cpu) => cpu.nodes + cpu.database)
    expect(Math.min(...costs)).toBe(costs[0])
  })

  test('a million people fit on the largest database that is counted on', () => {
    expect(plan.largeDatabase.people).toBeGreaterThan(1_000_000)
  })

  test('no more connections are in use than a site may have', () => {
    for (const { connections, simulated } of plan.sizes) expect(simulated.atOnce).toBeLessThan(connections)
  })
})

describe('ten million tasks', () => {
  const { straight, served } = tasksFigures()

  test.each([
    ...seriesOf(straight).map((series) => ({ ...series, how: 'on the store' })),
    ...seriesOf(served).map((series) => ({ ...series, how: 'through the server' })),
  ])('$tool $how, by a person of $people, takes hardly longer than with 100 thousand', ({ rows, growth }) => {
    expect(rows.map(({ tasks }) => tasks)).toEqual([100_000, 1_000_000, 10_000_000])
    expect(growth).toBeLessThanOrEqual(MOST_GROWTH)
  })
})

describe('the plan', () => {
  test('more people never need less', () => {
    const needs = plan.sizes.map(({ nodes, databaseCores }) => [nodes, databaseCores])
    const sorted = [...needs].sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d)
    expect(needs).toEqual(sorted)
  })

  test('a site that loses a node waits longer, and still serves', () => {
    for (const { simulated, withOneNodeLess } of plan.sizes.slice(1)) {
      expect(withOneNodeLess.p99Ms).toBeGreaterThanOrEqual(simulated.p99Ms)
      expect(withOneNodeLess.p99Ms).toBeLessThan(5_000)
    }
  })

  test('an organization that is nearly full waits much longer than one that is half full', () => {
    const [half, , , nearly] = plan.hotOrganization.levels
    expect(nearly?.p99Ms).toBeGreaterThan(3 * (half?.p99Ms ?? 0))
  })
})
