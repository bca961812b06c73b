import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import type { OpenStore } from '../../src/store/open.js'
import { errorText, parseInput, runCall, type Tool, toolByName } from '../../src/tools/index.js'
import { repair } from '../../src/tools/repair.js'
import { type Args, type Knows, nextCall, type Schema } from '../helpers/fix-agent.js'
import { contextOf, memoryStore, seedCrm } from '../helpers/store.js'

interface WrongCall {
  tool: string
  args: Args
  /** The arguments that were meant; null where any valid call will do. */
  meant: Args | null
  knows?: Knows
}

/** What models and hosts really send, by family. Ids are those of the fixture, the caller is Grace. */
const families: Record<string, WrongCall[]> = JSON.parse(
  readFileSync(new URL('./wrong-calls.json', import.meta.url), 'utf8'),
)
const STEPS = 2
const LEAST = 0.95

const named = (name: string) => toolByName(name) as Tool
const asRead = (tool: Tool, args: unknown) => parseInput(tool, repair(tool, args).args)

/** How many steps the agent needed after the wrong call: 0 where the call was repaired; undefined when never. */
async function stepsFor(store: OpenStore, userId: number, call: WrongCall): Promise<number | undefined> {
  const tool = named(call.tool)
  const context = contextOf(store, userId)
  const look = (name: string) => runCall(named(name), {}, context)
  let args = call.args
  for (let steps = 0; steps <= STEPS; steps += 1) {
    const error = await runCall(tool, args, context).then(
      () => undefined,
      (cause: unknown) => cause,
    )
    if (error === undefined) {
      const right = call.meant === null || isDeepStrictEqual(asRead(tool, args), asRead(tool, call.meant))
      return right ? steps : undefined
    }
    const text = errorText(error, 'r')
    const next = await nextCall(text, args, tool.definition.inputSchema as Schema, call.knows ?? {}, look)
    if (!next) return undefined
    args = next.args
    if (next.looked) steps += 1
  }
  return undefined
}

async function played(): Promise<{ call: WrongCall; family: string; steps: number | undefined }[]> {
  const all = []
  for (const [family, calls] of Object.entries(families)) {
    const store = await memoryStore()
    const { people } = await seedCrm(store)
    await runCall(
      named('create_task'),
      { organizationId: 1, title: 'First', idempotencyKey: 'used-before' },
      contextOf(store, people.grace),
    )
    for (const call of calls) all.push({ call, family, steps: await stepsFor(store, people.grace, call) })
    await store.close()
  }
  return all
}

test('who follows only the Fix of an error makes what was meant of a wrong call, within two steps', async () => {
  const all = await played()
  expect(all.length).toBeGreaterThanOrEqual(300)
  const share = (of: typeof all) => of.filter(({ steps }) => steps !== undefined).length / of.length
  const refused = all.filter(({ steps }) => steps !== 0)
  const never = all
    .filter(({ steps }) => steps === undefined)
    .map(({ call, family }) => `${family}: ${call.tool} ${JSON.stringify(call.args)}`)
  const counts = [0, 1, 2].map((steps) => all.filter((one) => one.steps === steps).length)
  const report = `repaired ${counts[0]}, one step ${counts[1]}, two steps ${counts[2]}, never ${never.length}:\n${never.join('\n')}`
  expect(share(all), report).toBeGreaterThanOrEqual(LEAST)
  expect(share(refused), report).toBeGreaterThanOrEqual(LEAST)
})
