/** What `npm run proof` plays, in this order: each at its full length, held against its goals. */
import type { Result } from './goals.js'
import { load, soaks } from './load.js'
import { mutation } from './mutation.js'
import { others } from './others.js'
import { stores } from './stores.js'
import { threats } from './threats.js'

export interface Proof {
  name: string
  /** What it shows, in a sentence that begins small and has no full stop. */
  shows: string
  /** It is ended, and missed, when it takes longer. */
  minutes: number
  /** Played only when it is named. */
  onlyByName?: boolean
  play(): Promise<Result[]>
}

export const PROOFS: readonly Proof[] = [...stores, ...others, ...load, ...threats, ...mutation, ...soaks]
