/** The files of docs/scale, and the page that is filled from them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../helpers/sources.js'
import { blocksOf, type Figures, filled } from './blocks.js'
import type { Bench, Nodes, Tasks } from './figures.js'
import { picture } from './picture.js'
import { type Plan, planFrom } from './plan.js'
import { tasksPicture } from './tasks.js'

const at = (path: string): string => join(ROOT, 'docs', path)
const read = (path: string): string => readFileSync(at(path), 'utf8')
const json = <Shape>(path: string): Shape => JSON.parse(read(path)) as Shape
const asText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

export const benchFigures = (): Bench => json<Bench>('scale/bench.json')

export const tasksFigures = (): Tasks => json<Tasks>('scale/tasks.json')

const figuresWith = (plan: Plan): Figures => ({
  bench: benchFigures(),
  plan,
  nodes: json<Nodes>('scale/nodes.json'),
  tasks: tasksFigures(),
})

/** What each generated file must hold, by its path under docs: all follow from the three that were measured. */
export function generated(): Record<string, string> {
  const bench = benchFigures()
  const plan = planFrom(bench)
  return {
    'scale/bench.svg': picture(bench),
    'scale/tasks.svg': tasksPicture(tasksFigures()),
    'scale/simulation.json': asText(plan),
    'scale.md': filled(read('scale.md'), blocksOf(figuresWith(plan))),
  }
}

/** What these files hold. */
export const standing = (path: string): string => read(path)

export function write(): void {
  for (const [path, text] of Object.entries(generated())) writeFileSync(at(path), text)
}
