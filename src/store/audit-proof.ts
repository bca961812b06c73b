import { setImmediate as breathe } from 'node:timers/promises'
import type { Head } from './audit-chain.js'
import { type AuditRow, auditHash, FIRST_HASH } from './audit-hash.js'
import type { Engine } from './engine.js'
import { statement, type Work } from './statement.js'
import type { AuditBreak, AuditProof, AuditStore } from './types.js'

/** Rows that are proved between two breaths; one can hold two descriptions of a task. */
const STEP = 1000

/** A row with the end of its chain as it stood when the row was read. */
interface ChainedRow extends AuditRow, Head {
  id: number
  headPosition: number | null
  headHash: string | null
}

type Place = { organizationId: number; position: number }

const chained = (condition: string, order: string) =>
  statement<ChainedRow, Place>(`
    SELECT audit.id, audit.at, audit.user_id AS "userId", audit.client_id AS "clientId",
           audit.request_id AS "requestId", audit.organization_id AS "organizationId", audit.position,
           audit.task_id AS "taskId", audit.action, audit.changes, audit.previous_hash AS "previousHash",
           audit.hash, head.position AS "headPosition", head.hash AS "headHash"
    FROM audit LEFT JOIN audit_head AS head ON head.organization_id = audit.organization_id
    WHERE ${condition} ORDER BY ${order} LIMIT ${STEP}`)

const SAME_CHAIN = chained(
  'audit.organization_id = @organizationId AND audit.position > @position',
  'audit.position',
)
const LATER_CHAINS = chained(
  'audit.organization_id > @organizationId',
  'audit.organization_id, audit.position',
)

/** Ends of chains, and which of them are ends of nothing. */
const HEADS = statement<{ organizationId: number; bare: number }, Omit<Place, 'position'>>(`
  SELECT organization_id AS "organizationId",
         CASE WHEN position > 0 AND NOT EXISTS (
           SELECT 1 FROM audit WHERE audit.organization_id = audit_head.organization_id) THEN 1 ELSE 0 END AS bare
  FROM audit_head WHERE organization_id > @organizationId ORDER BY organization_id LIMIT ${STEP}`)

function* rowsAfter(place: Place): Work<ChainedRow[]> {
  const same = yield* SAME_CHAIN.all(place)
  return same.length === STEP ? same : [...same, ...(yield* LATER_CHAINS.all(place))]
}

/** What is wrong with a row that follows `before` in its chain. */
function breakAt(row: ChainedRow, before: Head): Omit<AuditBreak, 'organizationId'> | undefined {
  const position = before.position + 1
  if (row.position !== position) return { position, what: 'removed' }
  const sound = row.previousHash === before.hash && auditHash(row) === row.hash
  return sound ? undefined : { position, what: 'altered', id: row.id }
}

/** What is wrong with the end of a chain whose last row is `row`. */
function breakAfter(row: ChainedRow): Omit<AuditBreak, 'organizationId'> | undefined {
  const cut = (row.headPosition ?? 0) > row.position
  if (cut) return { position: row.position + 1, what: 'removed' }
  const ends = row.headPosition === row.position && row.headHash === row.hash
  return ends ? undefined : { position: row.position, what: 'end', id: row.id }
}

/** Takes the rows of all chains, in order, and finds the first break of each. */
function follower() {
  let last: ChainedRow | undefined
  const broken = new Map<number, AuditBreak>()
  let rows = 0

  const note = (row: ChainedRow, found: Omit<AuditBreak, 'organizationId'> | undefined): void => {
    const { organizationId } = row
    if (found && !broken.has(organizationId)) broken.set(organizationId, { organizationId, ...found })
  }
  const end = (): void => {
    if (last) note(last, breakAfter(last))
  }
  const follow = (row: ChainedRow): void => {
    const continues = last?.organizationId === row.organizationId
    if (!continues) end()
    note(row, breakAt(row, continues && last ? last : { position: 0, hash: FIRST_HASH }))
    if (!broken.has(row.organizationId)) rows += 1
    last = row
  }
  return { follow, end, broken, rows: () => rows }
}

/**
 * Follows each organization's chain from its first row: positions follow one another, each row rests on the
 * hash before it, each hash is that of its row, and the last row is the noted end of the chain.
 */
export function auditVerifier({ read }: Engine): AuditStore['verify'] {
  async function* rows(): AsyncGenerator<ChainedRow[]> {
    for (let place: Place | undefined = { organizationId: -1, position: 0 }; place; ) {
      const from: Place = place
      const batch: ChainedRow[] = await read('operator', () => rowsAfter(from))
      yield batch
      place = batch.at(-1)
      await breathe()
    }
  }

  /** Organizations whose chain has an end and no row. */
  async function* bare(): AsyncGenerator<number> {
    for (let organizationId: number | undefined = -1; organizationId !== undefined; ) {
      const from: number = organizationId
      const batch = await read('operator', () => HEADS.all({ organizationId: from }))
      for (const head of batch) if (head.bare) yield head.organizationId
      organizationId = batch.at(-1)?.organizationId
    }
  }

  return async (seen): Promise<AuditProof> => {
    const chains = follower()
    for await (const batch of rows()) {
      batch.forEach(chains.follow)
      seen?.(chains.rows())
    }
    chains.end()
    const broken = [...chains.broken.values()]
    for await (const organizationId of bare()) broken.push({ organizationId, position: 1, what: 'removed' })
    return { rows: chains.rows(), ...(broken.length > 0 && { broken }) }
  }
}
