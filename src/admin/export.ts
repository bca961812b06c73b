import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { Command } from 'commander'
import { ZukoError } from '../errors.js'
import type { SeedKind, SeedRecord } from '../store/types.js'
import { jsonText } from '../tools/json.js'
import type { Act, AdminDeps } from './deps.js'
import { newFile } from './new-file.js'
import { formatOf, MAX_RECORDS, type SeedFormat } from './seed/file.js'
import { KINDS, TYPES } from './seed/format.js'
import { isoTime } from './time.js'
import { counted } from './words.js'

/** `admin export`: everything that `admin seed FILE` reads. */
export const exportCommand = (act: Act): Command =>
  new Command('export')
    .description('write everything that "admin seed FILE" reads, without secrets, into a file')
    .argument('<file>', 'file to write: .json, or .ndjson for one record per line')
    .option('--yes', 'replace a file that is there already without asking')
    .addHelpText(
      'after',
      [
        '',
        'People come without passwords, grants and sessions; the audit stays behind. For all of it, and for',
        'large stores, use "zuko-mcp admin backup".',
        '',
        'Example:',
        '  zuko-mcp admin export crm.json',
      ].join('\n'),
    )
    .action((file: string, flags: { yes?: boolean }) => act((deps) => exportTo(deps, { file, ...flags })))

const TIMES = ['createdAt', 'updatedAt', 'completedAt', 'disabledAt']

/** A record as a line of text; times become ISO 8601. */
function line({ kind, record }: SeedRecord, typed: boolean): string {
  const fields = Object.entries(record).map(([name, value]) => [
    name,
    TIMES.includes(name) ? isoTime(value) : value,
  ])
  return jsonText({ ...(typed && { type: TYPES[kind] }), ...Object.fromEntries(fields) })
}

/** Writes one record after the other, in the form of the file. */
function writer(format: SeedFormat, write: (text: string) => void) {
  let current: SeedKind | undefined
  const beginUntil = (kind: SeedKind | undefined) => {
    for (const next of KINDS.slice(current === undefined ? 0 : KINDS.indexOf(current) + 1)) {
      write(`${current === undefined ? '{\n' : '\n],\n'}"${next}": [`)
      current = next
      if (next === kind) return
    }
  }
  return {
    add(record: SeedRecord): void {
      if (format === 'ndjson') {
        write(`${line(record, true)}\n`)
        return
      }
      const first = current !== record.kind
      if (first) beginUntil(record.kind)
      write(`${first ? '\n' : ',\n'}${line(record, false)}`)
    },
    end(): void {
      if (format === 'ndjson') return
      beginUntil(undefined)
      write('\n]\n}\n')
    },
  }
}

const CHUNK = 1 << 16

/** Writes texts to a new file, many at a time, and makes sure that they are on the disk. */
function fileSink(path: string) {
  const file = openSync(path, 'wx', 0o600)
  let waiting = ''
  const flush = () => {
    writeSync(file, waiting)
    waiting = ''
  }
  return {
    write(text: string): void {
      waiting += text
      if (waiting.length >= CHUNK) flush()
    },
    end(): void {
      flush()
      fsyncSync(file)
    },
    close: () => closeSync(file),
  }
}

export interface ExportTo {
  file: string
  yes?: boolean
}

/** @throws ZukoError USAGE for a name that says no format, FAILED where the file cannot be written */
export async function exportTo(deps: AdminDeps, { file, yes }: ExportTo): Promise<void> {
  const format = formatOf(file, ['json', 'ndjson'])
  const { exports } = await deps.store()
  const counts: Record<SeedKind, number> = { users: 0, organizations: 0, members: 0, tasks: 0 }
  await newFile(deps.io, file, yes, async (temporary) => {
    const sink = fileSink(temporary)
    try {
      const records = writer(format, sink.write)
      await exports.read((record) => {
        if (deps.signal.aborted) throw new ZukoError('INTERRUPTED', 'Interrupted; nothing was written.')
        counts[record.kind] += 1
        records.add(record)
      })
      records.end()
      sink.end()
    } finally {
      sink.close()
    }
  })
  const { users, organizations, members, tasks } = counts
  deps.io.out(
    `Wrote ${counted(organizations, 'organization')}, ${counted(users, 'user')}, ${counted(members, 'membership')}, ${counted(tasks, 'task')} to ${file}.`,
  )
  if (users + organizations + members + tasks > MAX_RECORDS) {
    deps.io.err(
      `"zuko-mcp admin seed" takes ${MAX_RECORDS} records at once; for all of it use "zuko-mcp admin backup".`,
    )
  }
}
