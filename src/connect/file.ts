import { randomBytes } from 'node:crypto'
import { chmod, chown, lstat, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isZukoError, ZukoError } from '../errors.js'

/** A file as it was read: what is written in its place later is refused when it has changed since. */
export interface FileState {
  /** What a person calls it; links in it are followed when it is written. */
  path: string
  /** Undefined where there is no such file. */
  text: string | undefined
}

const failed = (message: string, fix: string, cause?: unknown): ZukoError =>
  new ZukoError('FAILED', message, { fix, cause })

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** @throws ZukoError FAILED for what is not a file of UTF-8 text, or may not be read */
export async function readState(path: string): Promise<FileState> {
  try {
    const bytes = await readFile(path)
    return { path, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch (cause) {
    if (cause instanceof TypeError) throw failed(`${path} is not UTF-8 text.`, 'save it as UTF-8', cause)
    if (!isMissing(cause))
      throw failed(`${path} cannot be read: ${reason(cause)}.`, 'check its path and mode', cause)
    if (await lstat(path).catch(() => undefined)) {
      throw failed(
        `${path} is a link to a file that is not there.`,
        'create that file, or remove the link',
        cause,
      )
    }
    return { path, text: undefined }
  }
}

const reason = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown reason'

/** @throws ZukoError FAILED for a file that its owner, or what made it, wants nobody to change */
export async function refuseReadOnly({ path }: FileState): Promise<void> {
  const mode = (await stat(path).catch(() => undefined))?.mode ?? 0o200
  if ((mode & 0o222) === 0) {
    throw failed(
      `${path} is read-only.`,
      'make it writable, or take what --print shows to where it comes from',
    )
  }
}

/**
 * Puts a text in the place of a file at once, through links, with its mode and owner; a new file takes those of
 * another one, or is for its owner alone.
 * @throws ZukoError FAILED when it has changed since it was read, or cannot be written
 */
export async function replace(before: FileState, text: string, like = before.path): Promise<void> {
  const { path } = before
  if (before.text === undefined) await mkdir(dirname(path), { recursive: true })
  const target = before.text === undefined ? path : await realpath(path)
  const owner = await stat(before.text === undefined ? like : target).catch(() => undefined)
  await atomically(before, target, async (temporary) => {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    if (owner) await takeAfter(temporary, owner)
  })
}

async function takeAfter(path: string, { mode, uid, gid }: { mode: number; uid: number; gid: number }) {
  const own = await stat(path)
  if (own.uid !== uid || own.gid !== gid) await chown(path, uid, gid)
  await chmod(path, mode & 0o7777)
}

async function atomically(
  before: FileState,
  target: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${target}.${randomBytes(6).toString('hex')}`
  try {
    await fill(temporary)
    await unchanged(before)
    await rename(temporary, target)
  } catch (cause) {
    await rm(temporary, { force: true })
    if (isZukoError(cause)) throw cause
    throw failed(`${before.path} cannot be written: ${reason(cause)}.`, 'check its folder and mode', cause)
  }
}

async function unchanged({ path, text }: FileState): Promise<void> {
  if ((await readState(path)).text === text) return
  throw failed(
    `${path} was changed by somebody else just now.`,
    'close the program that uses it, and run this again',
  )
}

/** Removes a file that has not changed since it was read. */
export async function remove(before: FileState): Promise<void> {
  await unchanged(before)
  await rm(before.path)
}
