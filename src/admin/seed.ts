import { Command } from 'commander'
import { ZukoError } from '../errors.js'
import type { Act, AdminDeps } from './deps.js'
import { positive } from './number.js'

const HELP = `
FILE is .json, .ndjson or .jsonl (users, organizations, members, tasks) or .csv (tasks), at most 32 MiB and
20000 records. Every problem is reported with its line before anything is written; then all of it is added in
one transaction, or nothing. What is there already stays as it is. --schema prints the format.

--random adds in short transactions, so that others can work meanwhile. The same --seed makes the same data;
an interrupted run is finished by running it again. Made-up tasks have no history in the audit.

Example:
  zuko-mcp admin seed crm.json --dry-run`

/** `admin seed`: fills the store. */
export const seedCommand = (act: Act): Command =>
  new Command('seed')
    .description('fill the store: from a file, with a demo, or with made-up data')
    .argument('[file]', 'file with users, organizations, members, tasks')
    .option('--dry-run', 'say what would be added from the file, and change nothing')
    .option('--schema', 'print the JSON Schema of the file')
    .option('--demo', 'with a demo CRM: 3 organizations, 5 people, about 60 tasks')
    .option('--random <number>', 'with so many made-up tasks', positive)
    .option('--organizations <number>', 'made-up organizations (default: one for 5000 tasks)', positive)
    .option('--users <number>', 'made-up people (default: five for each organization)', positive)
    .option('--seed <seed>', 'what the made-up data depends on', '1')
    .addHelpText('after', HELP)
    .action((file: string | undefined, flags: Omit<Seed, 'file'>) =>
      act((deps) => seed(deps, { ...flags, ...(file !== undefined && { file }) })),
    )

export interface Seed {
  file?: string
  dryRun?: boolean
  schema?: boolean
  demo?: boolean
  random?: number
  organizations?: number
  users?: number
  seed?: string
}

/** @throws ZukoError USAGE when nothing to seed is named, or more than one thing */
export async function seed(deps: AdminDeps, options: Seed): Promise<void> {
  const { file, dryRun, schema, demo, random } = options
  const named = [file, schema, demo, random].filter((one) => one !== undefined)
  if (named.length !== 1) throw unclear(named.length)
  if (dryRun && file === undefined) {
    throw new ZukoError('USAGE', '--dry-run is for a file.', { fix: 'name a file, or leave --dry-run out' })
  }
  if (demo) return await seedTheDemo(deps)
  if (schema) return deps.io.out(JSON.stringify((await import('./seed/format.js')).fileSchema(), null, 2))
  if (file !== undefined) {
    const { seedFromFile } = await import('./seed/from-file.js')
    return await seedFromFile(deps, { file, dryRun: dryRun === true })
  }
  const { seedMadeUp } = await import('./seed/made-up.js')
  await seedMadeUp(deps, { ...options, tasks: random ?? 0 })
}

const unclear = (named: number) =>
  new ZukoError(
    'USAGE',
    named === 0 ? 'Nothing to seed is named.' : 'More than one thing to seed is named.',
    {
      fix: 'use "zuko-mcp admin seed --demo", "seed FILE" or "seed --random NUMBER"',
    },
  )

async function seedTheDemo({ io, now, store, auth }: AdminDeps): Promise<void> {
  const { seedDemo } = await import('../demo.js')
  const { people, organizations, tasks } = await seedDemo(await store(), await auth(), now())
  const changed = people + organizations + tasks > 0
  io.out(
    changed
      ? `Added the demo: ${organizations} organizations, ${people} people, ${tasks} tasks.`
      : 'Nothing changed: the demo is there already.',
  )
}
