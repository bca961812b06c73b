import { closeSync, existsSync, openSync } from 'node:fs'
import { Command } from 'commander'
import { type Database, shownDatabase } from '../database-url.js'
import { ZukoError } from '../errors.js'
import type { CopyProgress } from '../store/copy.js'
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
export function copyProgress({ io, signal }: AdminDeps, nothing: string, what = 'pages'): CopyProgress {
  let show: ((done: number) => void) | undefined
  return {
    seen(done: number, all: number): void {
      if (signal.aborted) throw new ZukoError('INTERRUPTED', `Interrupted; ${nothing}.`)
      show ??= progressLine(io, what, all, done)
      show(done)
    },
  }
}

/** @throws ZukoError FAILED where there is no store, or the file cannot be written */
export async function backup(deps: AdminDeps, { file, yes }: Backup): Promise<void> {
  const { database } = await deps.config()
  if (typeof database === 'string' && !existsSync(database)) {
    throw new ZukoError('FAILED', `There is no store at ${database}.`, { fix: 'set DATABASE_URL to one' })
  }
  const unit = typeof database === 'string' ? 'pages' : 'rows'
  let contents: Record<string, number> = {}
  await newFile(deps.io, file, yes, async (temporary) => {
    contents = await copyOut(database, temporary, copyProgress(deps, 'nothing was written', unit))
  })
  deps.io.status('')
  const rows = Object.values(contents).reduce((sum, one) => sum + one, 0)
  const what = `${counted(rows, 'row')}, ${counted(contents.task ?? 0, 'task')} among them`
  deps.io.out(`Backed up ${shownDatabase(database)} to ${file}: ${what}.`)
}

/** A file is copied as it is, a database row by row; the backup is a SQLite file either way. */
async function copyOut(database: Database, target: string, progress: CopyProgress) {
  if (typeof database === 'string') {
    const { backUp } = await import('../store/sqlite/backup.js')
    return backUp(database, target, progress)
  }
  const { copyBetween } = await import('../store/copy.js')
  closeSync(openSync(target, 'wx', 0o600))
  return (await copyBetween(database, target, progress)).rows
}
