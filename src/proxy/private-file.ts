import { randomBytes } from 'node:crypto'
import { constants, type FileHandle, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ZukoError } from '../errors.js'

const MAX_BYTES = 1024 * 1024
const UNFINISHED = '.new'
const UNFINISHED_MS = 60_000
const windows = process.platform === 'win32'

interface Facts {
  uid: number
  mode: number
}

/** Why the owner or the permission bits make a path unfit for secrets. Windows keeps both in the profile's ACL. */
function refusal(path: string, { uid, mode }: Facts, right: string): ZukoError | undefined {
  if (windows) return undefined
  if (uid !== process.getuid?.()) {
    return new ZukoError('FAILED', `${path} belongs to another user.`, { fix: 'remove it, or take it over' })
  }
  if ((mode & 0o077) === 0) return undefined
  const bits = (mode & 0o777).toString(8)
  return new ZukoError('FAILED', `${path} is open to other users (mode ${bits}).`, {
    fix: `chmod ${right} '${path}'`,
  })
}

/** What the system says against keeping logins somewhere, such as a full disk, in words. */
export function cannotKeep(directory: string, error: unknown): ZukoError {
  const { code } = error as NodeJS.ErrnoException
  return new ZukoError('FAILED', `Logins cannot be kept in ${directory} (${code}).`, {
    fix: 'make that directory writable, with room on its disk',
    cause: error,
  })
}

/**
 * Makes a directory that only its owner may enter, or checks that it is one.
 * @throws ZukoError FAILED when it is a symbolic link, someone else's, or open to others
 */
export async function ensurePrivateDirectory(path: string): Promise<void> {
  const facts = await mkdir(path, { recursive: true, mode: 0o700 })
    .then(() => lstat(path))
    .catch((error) => {
      throw cannotKeep(path, error)
    })
  if (!facts.isDirectory()) {
    throw new ZukoError('FAILED', `${path} is not a directory of its own.`, { fix: `remove it` })
  }
  const problem = refusal(path, facts, '700')
  if (problem) throw problem
}

/**
 * Reads a file of secrets; undefined when there is none.
 * @throws ZukoError FAILED when it is a symbolic link, someone else's, open to others, or over 1 MiB
 */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  let file: FileHandle
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code !== 'ELOOP') throw cannotKeep(dirname(path), error)
    throw new ZukoError('FAILED', `${path} is a symbolic link.`, { fix: `remove it`, cause: error })
  }
  try {
    const facts = await file.stat()
    const problem = refusal(path, facts, '600')
    if (problem) throw problem
    if (!facts.isFile() || facts.size > MAX_BYTES) {
      throw new ZukoError('FAILED', `${path} is not a file of ours.`, { fix: 'remove it' })
    }
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

/**
 * Replaces a file of secrets so that whoever reads it, at any moment and after any crash, finds the old or the
 * new text whole: a new file with an unguessable name, flushed, then renamed over the path.
 * @throws ZukoError FAILED when the directory is unfit or the disk does not take it
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await ensurePrivateDirectory(dirname(path))
  const temporary = `${path}.${randomBytes(6).toString('hex')}${UNFINISHED}`
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0)
  try {
    const file = await open(temporary, flags, 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await replace(temporary, path)
    await flushDirectory(dirname(path))
  } catch (error) {
    await rm(temporary, { force: true })
    throw cannotKeep(dirname(path), error)
  }
}

/** Windows refuses to rename over a file that a scanner or a reader holds open for a moment. */
async function replace(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rename(from, to)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (!windows || attempt > 10 || (code !== 'EPERM' && code !== 'EACCES' && code !== 'EBUSY')) throw error
      await new Promise((resume) => setTimeout(resume, 20 * attempt))
    }
  }
}

async function flushDirectory(path: string): Promise<void> {
  if (windows) return
  const directory = await open(path, constants.O_RDONLY)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** Removes what writers that were killed left half done. */
export async function removeLeftovers(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => [])
  for (const name of names.filter((one) => one.endsWith(UNFINISHED))) {
    const path = join(directory, name)
    const facts = await lstat(path).catch(() => undefined)
    if (facts && Date.now() - facts.mtimeMs > UNFINISHED_MS) await rm(path, { force: true })
  }
}

export const removePrivateFile = (path: string): Promise<void> => rm(path, { force: true })
