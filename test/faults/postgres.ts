import pg from 'pg'
import { startCluster } from '../helpers/cluster.js'
import { call, startWriters, structured } from '../nodes/calls.js'
import { startSite } from '../nodes/site.js'

const ADA = ['ada@example.com', 'correct horse battery staple'] as const

/** Every title in the database, past the program, with the ids under which it is there. */
async function tasksOf(database: string): Promise<Map<string, number[]>> {
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  try {
    await client.query(`BEGIN; SET LOCAL zuko.viewer = 'operator'`)
    const found = new Map<string, number[]>()
    const { rows } = await client.query('SELECT title, id FROM task')
    for (const { title, id } of rows) found.set(title, [...(found.get(title) ?? []), id])
    return found
  } finally {
    await client.end()
  }
}

/** R10: PostgreSQL ends at once, as in a crash, under the writers of two nodes, and comes back; again and again. */
export async function crashDatabase({ rounds, writesEach }: { rounds: number; writesEach: number }) {
  const cluster = await startCluster()
  const database = await cluster.database('zuko')
  const site = await startSite({ database, nodes: 2, env: { RATE_LIMIT: 'off' } })
  try {
    const [email, password] = ADA
    await site.admin(['users', 'add', email, '--name', 'Ada', '--password-stdin'], password)
    await site.admin(['organizations', 'add', 'Acme', '--slug', 'acme'])
    await site.admin(['members', 'add', email, 'acme', '--role', 'owner'])
    const token = await site.admin(['token', '--as', email, '--ttl', '15m'])
    const listed = structured<{ organizations: { id: number }[] }>(
      await call(site.base, token, 'list_organizations', {}),
    )
    const writers = startWriters(site.base, token, listed?.organizations[0]?.id ?? 0, 8)
    for (let round = 0; round < rounds; round += 1) {
      await writers.more(writesEach)
      await cluster.crash()
    }
    await writers.more(writesEach)
    const { acknowledged, refused, withoutRetryAfter, longestGap } = await writers.stop()
    const there = await tasksOf(database)
    return {
      rounds,
      acknowledged: acknowledged.size,
      lost: [...acknowledged].filter(([title, id]) => !there.get(title)?.includes(id)).length,
      doubled: [...there.values()].filter((ids) => ids.length > 1).length,
      putOff: refused.get(503) ?? 0,
      unexpected: [...refused]
        .filter(([status]) => status !== 503)
        .reduce((sum, [, count]) => sum + count, 0),
      withoutRetryAfter,
      longestGapMs: Math.round(longestGap),
      nodesEnded: site.nodes.filter(({ child }) => child.exitCode !== null).length,
    }
  } finally {
    await site.stop()
    await cluster.stop()
  }
}
