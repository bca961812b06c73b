import type { Request as Incoming, Response as Outgoing } from 'express'
import type { Auth } from '../auth/server.js'
import type { Telemetry } from './telemetry.js'

/** What happened at the authorization server, and to whom: ids and outcomes, never what was typed. */
export interface AccessEvent {
  event: 'sign-in' | 'sign-out' | 'consent' | 'token' | 'revocation' | 'registration'
  outcome: string
  userId?: number | undefined
  clientId?: string | undefined
  scopes?: readonly string[] | undefined
}

const MAX_TEXT = 200

/** One line in the log, at `info`, for each time that somebody came in, was refused, or allowed something. */
export function logAccess(
  { log }: Pick<Auth, 'log'>,
  req: Incoming,
  res: Outgoing,
  event: AccessEvent,
): void {
  const { requestId, telemetry } = res.locals as { requestId: string; telemetry?: Telemetry }
  telemetry?.access(event.event, event.outcome)
  const clientId = event.clientId?.slice(0, MAX_TEXT)
  log.info({ requestId, address: req.ip, ...event, ...(clientId ? { clientId } : {}) }, 'access')
}
