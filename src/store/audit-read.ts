/** Reading the audit chain by chain, in the order of the organizations' ids. */
import { setImmediate as breathe } from 'node:timers/promises'
import type { Head } from './audit-chain.js'
import type { AuditRow } from './audit-hash.js'
import type { Engine } from './engine.js'
import { statement, type Work } from './statement.js'

/** Rows that are read between two breaths; one can hold two descriptions of a task. */
const STEP = 1000

/** A row with the noted end of its chain, as it stood when the row was read. */
export interface ChainedRow extends AuditRow, Head {
  id: number
  headPosition: number | null
  headHash: string | null
}

interface Place {
  organizationId: number
  position: number
}

/** Before the first row of the first chain. */
const START: Place = { organizationId: -1, position: 0 }

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

/** Noted ends of chains, and which of them are ends of nothing. */
const HEADS = statement<{ organizationId: number; bare: number }, { after: number }>(`
  SELECT organization_id AS "organizationId",
         CASE WHEN position > 0 AND NOT EXISTS (
           SELECT 1 FROM audit WHERE audit.organization_id = audit_head.organization_id) THEN 1 ELSE 0 END AS bare
  FROM audit_head WHERE organization_id > @after ORDER BY organization_id LIMIT ${STEP}`)

function* rowsAfter({ organizationId, position }: Place): Work<ChainedRow[]> {
  const same = yield* SAME_CHAIN.all({ organizationId, position })
  return same.length === STEP ? same : [...same, ...(yield* LATER_CHAINS.all({ organizationId, position }))]
}

/** Every row, in batches, the last of which is empty; what is written meanwhile is read where it follows. */
export async function* chainedRows({ read }: Engine): AsyncGenerator<ChainedRow[]> {
  for (let place: Place | undefined = START; place; ) {
    const from: Place = place
    const batch: ChainedRow[] = await read('operator', () => rowsAfter(from))
    yield batch
    place = batch.at(-1)
    await breathe()
  }
}

/** The organizations whose chain has a noted end and no row. */
export async function bareHeads({ read }: Engine): Promise<number[]> {
  const bare: number[] = []
  for (let after: number | undefined = START.organizationId; after !== undefined; ) {
    const from: number = after
    const batch = await read('operator', () => HEADS.all({ after: from }))
    bare.push(...batch.filter((head) => head.bare).map(({ organizationId }) => organizationId))
    after = batch.at(-1)?.organizationId
  }
  return bare
}
