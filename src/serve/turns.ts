/** Work that is done in small pieces, so that whatever else the event loop has to do is never far. */
export interface Turns {
  /** Does `work` now or in its turn; false when so much waits already that this is not done at all. */
  take(work: () => void): boolean
}

export interface TurnLimits {
  /** How long one round of the event loop may work before others are heard, in milliseconds. */
  sliceMs: number
  /** How many may wait. */
  waiting: number
}

/** What waits longest is served within a second, on one slow core. */
export const TURN_LIMITS: TurnLimits = { sliceMs: 5, waiting: 180 }
const PIECES = 16
/** Each round of the event loop takes one new connection; so many rounds pass between two slices of work. */
const LISTENING = 6

/**
 * Serves first come, first served. Without a queue, and in the time of this round, work is done at once; what is
 * left waits for rounds of its own, between which the event loop reads what else has come.
 */
export function createTurns({ sliceMs, waiting: most }: TurnLimits = TURN_LIMITS): Turns {
  const waiting: (() => void)[] = []
  let began: number | undefined

  const begin = () => {
    began = performance.now()
  }
  const hasTime = () => began !== undefined && performance.now() - began < sliceMs
  const next = () => {
    if (hasTime()) waiting.shift()?.()
  }
  /** Each piece has an immediate of its own, before which everything that the last one began has run. */
  const slice = () => {
    setImmediate(begin)
    for (let count = Math.min(waiting.length, PIECES); count > 0; count--) setImmediate(next)
    setImmediate(round)
  }
  const listen = (rounds: number) => {
    if (rounds === 0) slice()
    else setImmediate(listen, rounds - 1)
  }
  const round = () => {
    if (waiting.length > 0) listen(LISTENING)
    else began = undefined
  }

  return {
    take(work) {
      if (began === undefined) {
        begin()
        setImmediate(round)
      }
      if (waiting.length === 0 && hasTime()) work()
      else if (waiting.length >= most) return false
      else waiting.push(work)
      return true
    },
  }
}
