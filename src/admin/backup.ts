import { existsSync } from 'node:fs'
import { Command } from 'commander'
import type { Config } from '../config.js'
import { shownDatabase } from '../database-url.js'
import { ZukoError } from '../errors.js'
import type { Act, AdminDeps } from './deps.js'
import { newFile } from './new-file.js'
import { progressLine } from './progress.js'
import { counted } from './words.js'

/** `admin backup`: the whole store in one file, while it is in use. */
export const backupCommand = (act: Act): Command =>
  new Command('backup')
    .description('write a proved copy of the whole store into a file, while it is in use')
    .argument('<file>', 'file to write; its owner alone may read it')
    .option('--yes', 'replace a file that is there already without asking')
    .addHelpText(
      'after',
      [
        '',
        'The copy holds everything: password hashes, grants, keys, the audit. The keys are encrypted with the',
        'secret, which is not in it: keep BETTER_AUTH_SECRET, or the .secret file beside the store, as well.',
        '',
        'Example:',
        '  zuko-mcp admin backup zuko-2026-01-31.db',
      ].join('\n'),
    )
    .action((file: string, flags: { yes?: boolean }) => act((deps) => backup(deps, { file, ...flags })))

export interface Backup {
  file: string
  yes?: boolean
}

/** Shows how much is copied; ends the copying when the command is ended. */
export function copyProgress({ io, signal }: AdminDeps, nothing: string) {
  let show: ((done: number) => void) | undefined
  return {
    seen(done: number, all: number): void {
      if (signal.aborted) throw new ZukoError('INTERRUPTED', `Interrupted; ${nothing}.`)
      show ??= progressLine(io, 'pages', all)
      show(done)
    },
  }
}

/** The file of the store. @throws ZukoError FAILED where the store is a database, with what to do there */
export function storeFile({ database }: Pick<Config, 'database'>, fix: string): string {
  if (typeof database === 'string') return database
  const message = `The store is the database ${shownDatabase(database)}, not a file.`
  throw new ZukoError('FAILED', message, { fix })
}

/** @throws ZukoError FAILED where there is no store, or the file cannot be written */
export async function backup(deps: AdminDeps, { file, yes }: Backup): Promise<void> {
  const path = storeFile(await deps.config(), 'back it up with "pg_dump --format=custom"')
  if (!existsSync(path)) {
    throw new ZukoError('FAILED', `There is no store at ${path}.`, { fix: 'set DATABASE_URL to one' })
  }
  const { backUp } = await import('../store/sqlite/backup.js')
  let rows = 0
  let tasks = 0
  await newFile(deps.io, file, yes, async (temporary) => {
    const contents = await backUp(path, temporary, copyProgress(deps, 'nothing was written'))
    rows = Object.values(contents).reduce((sum, one) => sum + one, 0)
    tasks = contents.task ?? 0
  })
  deps.io.status('')
  deps.io.out(`Backed up ${path} to ${file}: ${counted(rows, 'row')}, ${counted(tasks, 'task')} among them.`)
}
