import { Command } from 'commander'
import { ZukoError } from '../errors.js'
import type { Act, AdminDeps } from './deps.js'

/** `admin seed`: fills the store. */
export const seedCommand = (act: Act): Command =>
  new Command('seed')
    .description('fill the store')
    .option('--demo', 'with a demo CRM: 3 organizations, 5 people, about 60 tasks')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin seed --demo')
    .action((flags: Seed) => act((deps) => seed(deps, flags)))

export interface Seed {
  demo?: boolean
}

/** @throws ZukoError USAGE when nothing to seed is named */
export async function seed(deps: AdminDeps, { demo }: Seed): Promise<void> {
  if (demo) return await seedTheDemo(deps)
  throw new ZukoError('USAGE', 'Nothing to seed is named.', { fix: 'use "zuko-mcp admin seed --demo"' })
}

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
