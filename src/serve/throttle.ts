import type { RequestHandler } from 'express'
import type { Allowance } from '../store/types.js'
import { callerAddress } from './address.js'
import type { Limits } from './limits.js'
import { isEndpoint } from './origin.js'
import { createRateLimit, type RateLimit } from './rate-limit.js'
import { sendOAuthError, sendProblem } from './web.js'

/** Refuses an address that asks for more than its allowance, in the words of its kind: page or OAuth error. */
export function throttle(limit: RateLimit): RequestHandler {
  return async (req, res, next) => {
    const wait = await limit.take(callerAddress(req))
    if (wait === 0) return next()
    res.set('retry-after', String(wait))
    const message = `Too many requests came from this address. Try again in ${wait} s.`
    if (req.accepts(['json', 'html']) !== 'html') {
      return sendOAuthError(res, 429, 'temporarily_unavailable', message)
    }
    sendProblem(res, { status: 429, title: 'Too many requests', message })
  }
}

export const PROBES = ['/healthz', '/readyz']

/**
 * One allowance per address for all that needs no token. Probes have another of the same size and of this
 * process alone, so that no flood through a shared address makes the process look dead; the endpoint counts
 * its strangers itself.
 */
export function throttleStrangers(allowance: Allowance, limits: Limits): RequestHandler {
  const probes = throttle(createRateLimit(allowance, Date.now))
  const others = throttle(limits('address', allowance))
  return (req, res, next) => {
    if (isEndpoint(req.path)) return next()
    return PROBES.includes(req.path) ? probes(req, res, next) : others(req, res, next)
  }
}
