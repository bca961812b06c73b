import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { type Database, readDatabaseUrl, shownDatabase } from '../database-url.js'
import { ZukoError } from '../errors.js'
import { copyProgress } from './backup.js'
import type { Act, AdminDeps } from './deps.js'
import { counted } from './words.js'

/** `admin copy`: a whole store from one database to another. */
export const copyCommand = (act: Act): Command =>
  new Command('copy')
    .description('copy a whole store into an empty database of the other kind, or of the same')
    .requiredOption('--from <url>', 'store to copy: file:… or postgres://…; it may be in use')
    .requiredOption('--to <url>', 'empty database, or a file that does not exist yet')
    .addHelpText(
      'after',
      [
        '',
        'What is copied is the store of the moment at which the copying begins; to move for good, stop',
        '"zuko-mcp serve" first. Both sides are compared row by row at the end. A copy that was cut short goes on',
        'where it was when the command is run again. The keys in it are encrypted with the secret: give the new',
        'place the same BETTER_AUTH_SECRET, or the content of the .secret file beside the old one.',
        '',
        'A password in a URL shows in the list of processes: leave it out, and name it in PGPASSWORD or ~/.pgpass.',
        '',
        'Example:',
        '  zuko-mcp admin copy --from file:/var/lib/zuko/zuko.db --to postgres://zuko@db.example/zuko',
      ].join('\n'),
    )
    .action((flags: CopyFlags) => act((deps) => copy(deps, flags)))

export interface CopyFlags {
  from: string
  to: string
}

function databaseOf(flag: string, text: string): Database {
  const read = readDatabaseUrl(text)
  if ('database' in read) return read.database
  throw new ZukoError('USAGE', `The ${flag} ${read.problem}.`)
}

function refuseNowhere(from: Database, to: Database): void {
  if (typeof from === 'string' && !existsSync(from)) {
    throw new ZukoError('FAILED', `There is no store at ${from}.`, { fix: 'name one with --from' })
  }
  if (String(from) === String(to)) {
    throw new ZukoError('USAGE', `Both sides are the same: ${shownDatabase(from)}.`)
  }
}

/** @throws ZukoError FAILED when the target holds rows, or both sides are not the same in the end */
export async function copy(deps: AdminDeps, flags: CopyFlags): Promise<void> {
  const [from, to] = [databaseOf('--from', flags.from), databaseOf('--to', flags.to)]
  refuseNowhere(from, to)
  const { copyBetween } = await import('../store/copy.js')
  const progress = copyProgress(deps, 'the same command goes on where this one was', 'rows')
  const { rows, checksum, resumed } = await copyBetween(from, to, progress)
  const { io } = deps
  io.status('')
  const all = Object.values(rows).reduce((sum, one) => sum + one, 0)
  const before = resumed > 0 ? `, ${counted(resumed, 'row')} of them by an earlier run` : ''
  io.out(`Copied ${counted(all, 'row')}${before}, ${counted(rows.task ?? 0, 'task')} among them.`)
  io.out(`Both sides are the same: SHA-256 ${checksum}`)
}
