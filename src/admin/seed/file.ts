import { isUtf8 } from 'node:buffer'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { extname } from 'node:path'
import { ZukoError } from '../../errors.js'

/** What one transaction takes at once: about a second, while other writers wait. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024
export const MAX_RECORDS = 20_000

export type SeedFormat = 'json' | 'ndjson' | 'csv'

const FORMATS: Record<string, SeedFormat> = {
  '.json': 'json',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.csv': 'csv',
}

/** @throws ZukoError USAGE for a name that says no format */
export function formatOf(
  path: string,
  formats: readonly SeedFormat[] = ['json', 'ndjson', 'csv'],
): SeedFormat {
  const format = FORMATS[extname(path).toLowerCase()]
  if (format && formats.includes(format)) return format
  const endings = Object.entries(FORMATS).flatMap(([ending, name]) =>
    formats.includes(name) ? [ending] : [],
  )
  throw new ZukoError('USAGE', `The name ${path} does not say what kind of file it is.`, {
    fix: `use a name that ends with ${endings.join(', ')}`,
  })
}

const refused = (path: string, what: string, fix: string) =>
  new ZukoError('FAILED', `${path} ${what}; nothing was changed.`, { fix })

const WHY: Record<string, string> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder',
  ENOTDIR: 'does not exist',
}

/** Opens without waiting: a FIFO that nobody writes to would otherwise hold the command forever. */
async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    const why = WHY[(error as NodeJS.ErrnoException).code ?? ''] ?? 'cannot be read'
    throw refused(path, why, 'name a file that this user may read')
  }
}

/**
 * The text of one regular file, small enough and in UTF-8; a byte order mark is left out.
 * @throws ZukoError FAILED in one line for anything else
 */
export async function readText(path: string): Promise<string> {
  const file = await openFile(path)
  try {
    const stats = await file.stat()
    if (!stats.isFile()) {
      throw refused(path, stats.isDirectory() ? 'is a folder' : 'is not a regular file', 'name a file')
    }
    if (stats.size > MAX_FILE_BYTES) {
      throw refused(
        path,
        `has ${Math.ceil(stats.size / 1024 / 1024)} MiB; one transaction takes ${MAX_FILE_BYTES / 1024 / 1024}`,
        'split it, or move a whole store with "zuko-mcp admin backup" and "restore"',
      )
    }
    return decoded(path, await file.readFile())
  } finally {
    await file.close()
  }
}

function decoded(path: string, bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8').replace(/^\ufeff/, '')
  let [line, start] = [1, 0]
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
    if (!isUtf8(bytes.subarray(start, end))) break
    ;[line, start] = [line + 1, end + 1]
  }
  throw refused(path, `is not UTF-8 in line ${line}`, 'save it as UTF-8')
}
