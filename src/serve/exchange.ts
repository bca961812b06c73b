import { randomUUID } from 'node:crypto'
import type { Log } from '../log.js'
import type { Principal } from './guard.js'
import type { RequestId } from './reply.js'
import type { CallSpan } from './telemetry.js'

/** What is known about one request while it is served; its log line is made from nothing else. */
export interface Exchange {
  requestId: string
  startedAt: number
  /** The JSON-RPC id to answer with, as soon as it is read. */
  id: RequestId
  principal?: Principal
  /** A tool of ours, or a method; never text of the caller's own. */
  tool?: string
  method?: string
  /** How the tool ended: ok, or the code of its error. */
  outcome?: string
  /** Of a tools/call, where traces are made. */
  span?: CallSpan | undefined
}

/** An exchange whose caller is known. */
export type Admitted = Exchange & { principal: Principal }

export const openExchange = (): Exchange => ({
  requestId: randomUUID(),
  startedAt: performance.now(),
  id: null,
})

/** One line per request: who, through which client, what, how it ended, how long it took. */
export function logExchange(log: Log, exchange: Exchange, status: number): void {
  const { requestId, startedAt, principal, tool, method, outcome } = exchange
  const what = tool === undefined ? { method } : { tool }
  const who = principal && { userId: principal.caller.userId, clientId: principal.caller.clientId }
  log.info(
    {
      requestId,
      ...who,
      ...what,
      status,
      outcome: outcome ?? (status < 400 ? 'answered' : 'refused'),
      ms: Math.round((performance.now() - startedAt) * 100) / 100,
    },
    'mcp',
  )
}
