import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { shownDatabase } from '../database-url.js'
import { ZukoError } from '../errors.js'
import { copyProgress } from './backup.js'
import { confirmed } from './confirm.js'
import type { Act, AdminDeps } from './deps.js'
import { counted } from './words.js'

/** `admin restore`: a backup becomes the store. */
export const restoreCommand = (act: Act): Command =>
  new Command('restore')
    .description('put a backup in the place of the store, and keep the store that was there beside it')
    .argument('<file>', 'file that "admin backup" wrote')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      [
        '',
        'The backup is proved first. "zuko-mcp serve" has to be stopped, and needs the secret that the store of',
        'the backup was made with: BETTER_AUTH_SECRET, or the .secret file beside it.',
        '',
        'Example:',
        '  zuko-mcp admin restore zuko-2026-01-31.db',
      ].join('\n'),
    )
    .action((file: string, flags: { yes?: boolean }) => act((deps) => restoreFrom(deps, { file, ...flags })))

export interface RestoreFrom {
  file: string
  yes?: boolean | undefined
}

function refuseNoFile(file: string, store: string): void {
  const there = statSync(file, { throwIfNoEntry: false })
  const what = !there ? 'does not exist' : there.isFile() ? undefined : 'is no regular file'
  const same = resolve(file) === resolve(store) ? 'is the store itself' : undefined
  const wrong = what ?? same
  if (wrong === undefined) return
  throw new ZukoError('FAILED', `${file} ${wrong}; nothing was changed.`, {
    fix: 'name a file that "zuko-mcp admin backup" wrote',
  })
}

/** "…/zuko.db.before-restore-20260131T170000Z", with a number behind it where that is taken. */
function asideName(path: string, now: Date): string {
  const name = `${path}.before-restore-${now.toISOString().replace(/[-:]|\.\d+/g, '')}`
  const names = [name, ...Array.from({ length: 99 }, (_, index) => `${name}-${index + 2}`)]
  return names.find((one) => !existsSync(one)) ?? name
}

/** @throws ZukoError FAILED, with nothing changed, for what is no sound backup or while the store is in use */
export async function restoreFrom(deps: AdminDeps, { file, yes }: RestoreFrom): Promise<void> {
  const { database } = await deps.config()
  refuseNoFile(file, String(database))
  if (typeof database !== 'string') return copyIn(deps, file, database)
  await putInPlace(deps, { file, yes, path: database })
}

/** Into a database, which has to be empty: nothing that is there is replaced. */
async function copyIn(deps: AdminDeps, file: string, database: URL): Promise<void> {
  const { copyBetween } = await import('../store/copy.js')
  const progress = copyProgress(deps, 'the same command goes on where this one was', 'rows')
  const folder = mkdtempSync(join(tmpdir(), 'zuko-restore-'))
  try {
    // Opening a store may change its file; the backup stays as it is.
    const copy = join(folder, 'copy.db')
    copyFileSync(file, copy)
    const { rows } = await copyBetween(copy, database, progress)
    deps.io.status('')
    deps.io.out(`Restored ${shownDatabase(database)} from ${file}: ${counted(rows.task ?? 0, 'task')}.`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function putInPlace(deps: AdminDeps, { file, yes, path }: RestoreFrom & { path: string }) {
  if (existsSync(path)) await confirmed(deps.io, yes, `Put ${file} in the place of ${path}?`)
  const aside = asideName(path, deps.now())
  const { restore } = await import('../store/sqlite/restore.js')
  const progress = copyProgress(deps, 'nothing was changed')
  const { contents, outcome } = await restore({ from: file, path, aside }, progress)
  deps.io.status('')
  if (outcome === 'same') return deps.io.out(`Nothing changed: ${path} holds what is in ${file} already.`)
  const kept = outcome === 'replaced' ? ` The store before is kept: ${aside}` : ''
  deps.io.out(`Restored ${path} from ${file}: ${counted(contents.task ?? 0, 'task')}.${kept}`)
}
