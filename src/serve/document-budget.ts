import type { Documents } from '../auth/client-document.js'
import type { Limits } from './limits.js'

/** Documents of clients that are asked for, over all hosts and at one of them. */
const ALL = { perSecond: 1, burst: 60 }
const OF_ONE_HOST = { perSecond: 1 / 6, burst: 10 }

export function documentBudget(limits: Limits): Documents['allow'] {
  const all = limits('documents', ALL)
  const ofOneHost = limits('documents of a host', OF_ONE_HOST)
  return async (host) => (await ofOneHost.take(host)) === 0 && (await all.take('all')) === 0
}
