import { Command } from 'commander'
import { ZukoError } from '../errors.js'
import type { AuditBreak, AuditEntry, Store } from '../store/types.js'
import type { Act, AdminDeps } from './deps.js'
import { personByEmail } from './find.js'
import { positive } from './number.js'
import { OPERATOR } from './operator.js'
import { plain, printRows } from './table.js'
import { isoTime, shownTime } from './time.js'
import { undoCommand } from './undo.js'

/** `admin audit`: who changed what through which client. */
export const auditCommand = (act: Act): Command =>
  new Command('audit')
    .description('see who changed what, prove that nothing was altered, take a change back')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin audit list --task 42')
    .addCommand(list(act))
    .addCommand(verify(act))
    .addCommand(undoCommand(act))

const list = (act: Act) =>
  new Command('list')
    .description('show changes, newest first')
    .option('--task <id>', 'only changes of this task', positive)
    .option('--user <email>', 'only changes that this account made')
    .option('--limit <number>', 'at most so many', positive, 50)
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin audit list --task 42 --user ada@example.com')
    .action((flags: ListAudit) => act((deps) => listAudit(deps, flags)))

const verify = (act: Act) =>
  new Command('verify')
    .description('prove by the chain of hashes that no change was altered or removed')
    .option('--json', 'print the proof as JSON')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin audit verify')
    .action((flags: { json?: boolean }) => act((deps) => verifyAudit(deps, flags)))

/** A change with the words that a person knows: whose it was, and through what. */
export interface AuditRow extends AuditEntry {
  /** E-mail of the person; "operator" for the terminal itself, null for an account that was removed. */
  user: string | null
  client: string
}

/** The changes with the names of who made them. */
export async function auditRows(store: Store, entries: readonly AuditEntry[]): Promise<AuditRow[]> {
  const [people, clients] = [await store.people.list(), await store.clients.list()]
  const emails = new Map([[0, OPERATOR], ...people.map(({ id, email }) => [id, email] as const)])
  const names = new Map(clients.map(({ clientId, name }) => [clientId, name]))
  return entries.map((entry) => ({
    ...entry,
    user: emails.get(entry.userId) ?? null,
    client: names.get(entry.clientId) ?? entry.clientId,
  }))
}

const SHOWN = 40

/** A value of a change in a few characters; times of `completedAt` are milliseconds in the store. */
function shownValue(field: string, value: unknown): string {
  if (value === null) return 'nothing'
  if (field === 'completedAt' && typeof value === 'number') return shownTime(value)
  const text = plain(typeof value === 'string' ? value : JSON.stringify(value))
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text
}

/** What a change did, field by field: "status TODO → DONE". */
export const changeWords = ({ changes }: Pick<AuditEntry, 'changes'>): string =>
  Object.entries(changes)
    .map(([field, { from, to }]) =>
      from === null
        ? `${field} ${shownValue(field, to)}`
        : `${field} ${shownValue(field, from)} → ${shownValue(field, to)}`,
    )
    .join(', ')

export interface ListAudit {
  task?: number
  user?: string
  limit?: number
  json?: boolean
}

/** @throws ZukoError FAILED for an unknown account */
export async function listAudit(deps: AdminDeps, { task, user, limit = 50, json }: ListAudit): Promise<void> {
  const store = await deps.store()
  const userId =
    user === undefined ? undefined : user === OPERATOR ? 0 : (await personByEmail(store, user)).id
  const rows = await auditRows(store, await store.audit.list({ taskId: task, userId, limit }))
  printRows(deps.io, json, {
    rows: rows.map((row) => ({ ...row, at: isoTime(row.at) })),
    columns: {
      change: (row) => row.id,
      when: (row) => shownTime(Date.parse(row.at)),
      who: (row) => row.user ?? `removed account ${row.userId}`,
      through: (row) => row.client,
      task: (row) => row.taskId,
      what: (row) => `${row.action === 'create' ? 'created: ' : ''}${changeWords(row)}`,
    },
    empty: 'There is no such change.',
  })
}

/** A break of a chain in a sentence. */
function breakWords({ organizationId, position, what, id }: AuditBreak): string {
  if (organizationId === 0) return 'Changes from before each organization had its own chain are missing.'
  if (what === 'altered') return `Change ${id} of the audit was altered.`
  if (what === 'removed') return `Change number ${position} of organization ${organizationId} was removed.`
  return `The audit of organization ${organizationId} does not end where its end was noted.`
}

/** Breaks that are told one by one. */
const TOLD = 5

/** @throws ZukoError FAILED that names the first place of each organization that is not as it was written */
export async function verifyAudit(
  { io, store, signal }: AdminDeps,
  { json }: { json?: boolean } = {},
): Promise<void> {
  const { audit } = await store()
  const { rows, broken } = await audit.verify((seen) => {
    if (signal.aborted) throw new ZukoError('INTERRUPTED', 'Interrupted; nothing changed.')
    io.status(`${seen} changes are sound so far`)
  })
  io.status('')
  if (json) io.out(JSON.stringify({ sound: !broken, rows, ...(broken && { broken }) }))
  if (broken) {
    const told = broken.slice(0, TOLD).map(breakWords).join(' ')
    const more = broken.length > TOLD ? ` So it is with ${broken.length - TOLD} more organizations.` : ''
    throw new ZukoError('FAILED', `${told}${more} ${rows} changes before such a place are sound.`, {
      fix: 'compare it with a backup: "zuko-mcp admin backup" files hold the audit too',
    })
  }
  if (!json) io.out(`All ${rows} changes of the audit are as they were written.`)
}
