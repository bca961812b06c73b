import SQLite from 'better-sqlite3'
import { acknowledged, createCaller, quantile } from './calls.js'
import { onGround } from './ground.js'

const WRITERS = 8

/** R7: another process holds the store for `heldMs`; eight writers come all the while, and others who read. */
export const heldByAnother = ({ heldMs }: { heldMs: number }) =>
  onGround(async (ground) => {
    const token = await ground.token()
    const server = await ground.start()
    const caller = createCaller(ground.base, token)
    await caller.create('first')
    const other = new SQLite(ground.path)
    other.exec('BEGIN IMMEDIATE')
    const until = performance.now() + heldMs
    const figures = { refused: 0, withoutRetryAfter: 0, unexpected: 0, readsRefused: 0 }
    const write = async (name: number) => {
      for (let count = 0; performance.now() < until; count++) {
        const { status, retryAfter } = await caller.create(`${name}-${count}`)
        if (status === 503) figures.refused++
        else figures.unexpected++
        if (status === 503 && retryAfter === undefined) figures.withoutRetryAfter++
      }
    }
    const reads: number[] = []
    const read = async () => {
      while (performance.now() < until) {
        const { status, ms } = await caller.call('list_organizations')
        if (status !== 200) figures.readsRefused++
        reads.push(ms)
      }
    }
    await Promise.all([...Array.from({ length: WRITERS }, (_, name) => write(name)), read()])
    const { eventLoopDelayMs } = JSON.parse((await caller.get('/readyz')).text)
    other.exec('ROLLBACK')
    other.close()
    const works = acknowledged(await caller.create('last')) !== undefined
    caller.close()
    await server.stop()
    return {
      ...figures,
      reads: reads.length,
      readP99Ms: quantile(reads, 0.99),
      loopDelayMaxMs: eventLoopDelayMs.max as number,
      works,
    }
  })
