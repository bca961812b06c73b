import { closeSync, fsyncSync, lstatSync, openSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { isZukoError, ZukoError } from '../errors.js'
import { confirmed } from './confirm.js'
import type { Io } from './io.js'

const unwritable = (path: string, cause: unknown) =>
  new ZukoError('FAILED', `${path} cannot be written.`, {
    fix: 'name a file in a folder that exists and that this user may write to',
    cause,
  })

/** A rename is on the disk once its folder is. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  fsyncSync(folder)
  closeSync(folder)
}

/**
 * Makes a file that is there whole or not at all: `write` fills a temporary one beside it, which then takes
 * its place. A file that is there already is replaced only with `yes`, or when a person says so.
 * @throws ZukoError USAGE or INTERRUPTED when nobody confirms, FAILED where it cannot be written
 */
export async function newFile(
  io: Io,
  file: string,
  yes: boolean | undefined,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const path = resolve(file)
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there && !there.isFile()) throw unwritable(file, new Error('not a regular file'))
  if (there) await confirmed(io, yes, `Replace ${file}, which is there already?`)
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`)
  try {
    rmSync(temporary, { force: true })
    await write(temporary)
    renameSync(temporary, path)
    syncFolder(dirname(path))
  } catch (error) {
    throw isZukoError(error) ? error : unwritable(file, error)
  } finally {
    rmSync(temporary, { force: true })
  }
}
