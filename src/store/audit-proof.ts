import type { Head } from './audit-chain.js'
import { auditHash, FIRST_HASH } from './audit-hash.js'
import { bareHeads, type ChainedRow, chainedRows } from './audit-read.js'
import type { Engine } from './engine.js'
import type { AuditBreak, AuditProof, AuditStore } from './types.js'

type Found = Omit<AuditBreak, 'organizationId'> | undefined

/** What is wrong with a row that follows `before` in its chain. */
function breakAt(row: ChainedRow, before: Head): Found {
  const position = before.position + 1
  if (row.position !== position) return { position, what: 'removed' }
  const sound = row.previousHash === before.hash && auditHash(row) === row.hash
  return sound ? undefined : { position, what: 'altered', id: row.id }
}

/** What is wrong with the end of a chain whose last row is `row`. */
function breakAfter(row: ChainedRow): Found {
  const cut = (row.headPosition ?? 0) > row.position
  if (cut) return { position: row.position + 1, what: 'removed' }
  const ends = row.headPosition === row.position && row.headHash === row.hash
  return ends ? undefined : { position: row.position, what: 'end', id: row.id }
}

/** Takes the rows of all chains, in order, and finds the first break of each. */
function follower() {
  const broken = new Map<number, AuditBreak>()
  let last: ChainedRow | undefined
  let rows = 0

  const note = ({ organizationId }: ChainedRow, found: Found): void => {
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
export const auditVerifier =
  (engine: Engine): AuditStore['verify'] =>
  async (seen): Promise<AuditProof> => {
    const chains = follower()
    for await (const batch of chainedRows(engine)) {
      batch.forEach(chains.follow)
      seen?.(chains.rows())
    }
    chains.end()
    const bare = await bareHeads(engine)
    const broken: AuditBreak[] = [
      ...chains.broken.values(),
      ...bare.map((organizationId) => ({ organizationId, position: 1, what: 'removed' as const })),
    ]
    return { rows: chains.rows(), ...(broken.length > 0 && { broken }) }
  }
