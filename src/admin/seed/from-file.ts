import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { ZukoError } from '../../errors.js'
import type { SeedKind, SeedOutcome } from '../../store/types.js'
import type { AdminDeps } from '../deps.js'
import { counted } from '../words.js'
import { checkRecords } from './check.js'
import { formatOf, MAX_RECORDS, readText } from './file.js'
import { KINDS } from './format.js'
import { type Problem, rawRecords } from './records.js'

const SHOWN = 100

export interface SeedFromFile {
  file: string
  dryRun?: boolean
}

function refuse(file: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return
  const lines = problems.slice(0, SHOWN).map(({ line, what }) => `line ${line}: ${what}`)
  const more = problems.length > SHOWN ? [`and ${problems.length - SHOWN} more`] : []
  const message = `${basename(file)} has ${counted(problems.length, 'problem')}; nothing was changed.`
  throw new ZukoError('FAILED', message, { problems: [...lines, ...more] })
}

const NOUNS: Record<SeedKind, [string, string]> = {
  users: ['user', 'users'],
  organizations: ['organization', 'organizations'],
  members: ['membership', 'memberships'],
  tasks: ['task', 'tasks'],
}

const listed = (outcome: SeedOutcome, which: 'added' | 'there'): string =>
  KINDS.filter((kind) => outcome[kind][which] > 0)
    .map((kind) => counted(outcome[kind][which], ...NOUNS[kind]))
    .join(', ')

/** One line that says what changed, or would. */
function summary(outcome: SeedOutcome, dryRun: boolean | undefined): string {
  const [added, there] = [listed(outcome, 'added'), listed(outcome, 'there')]
  const rest = there === '' ? '' : ` There already: ${there}.`
  if (added === '') return `Nothing ${dryRun ? 'would change' : 'changed'}.${rest}`
  return `${dryRun ? 'Would add' : 'Added'} ${added}.${rest}`
}

/**
 * Adds what a file holds and the store does not, in one transaction.
 * @throws ZukoError FAILED with every problem and its line, before anything is written
 */
export async function seedFromFile(deps: AdminDeps, { file, dryRun }: SeedFromFile): Promise<void> {
  const format = formatOf(file)
  const text = await readText(file)
  const raw = rawRecords(text, format)
  if (raw.records.length > MAX_RECORDS) {
    throw new ZukoError(
      'FAILED',
      `${basename(file)} has ${raw.records.length} records; one transaction takes ${MAX_RECORDS}. Nothing was changed.`,
      { fix: 'split it, or move a whole store with "zuko-mcp admin backup" and "restore"' },
    )
  }
  const { imports } = await deps.store()
  const { records, problems } = await checkRecords(raw.records, imports)
  refuse(
    file,
    [...raw.problems, ...problems].sort((a, b) => a.line - b.line),
  )
  if (deps.signal.aborted) throw new ZukoError('INTERRUPTED', 'Interrupted; nothing changed.')
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16)
  const by = { at: deps.now().getTime(), requestId: `seed-${digest}`, dryRun: dryRun === true }
  deps.io.out(summary(await imports.add(records, by), dryRun))
}
