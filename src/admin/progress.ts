import type { Io } from './io.js'

const EVERY_MS = 100
const WIDTH = 24

const time = (seconds: number): string =>
  seconds < 60 ? `${Math.ceil(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.ceil(seconds % 60)} s`

/** How far a long command is: a bar, how many of all, how many a second, the time left. */
export function progressText(what: string, all: number, done: number, perSecond: number): string {
  const full = Math.floor((done / all) * WIDTH)
  const bar = `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}`
  const rate = perSecond > 0 ? `  ${Math.round(perSecond)}/s, ${time((all - done) / perSecond)} left` : ''
  return `${bar} ${done} of ${all} ${what}${rate}`
}

/** A line on the terminal that is told how much is done, and shows itself a few times a second. */
export function progressLine(io: Io, what: string, all: number, before = 0): (done: number) => void {
  const startedAt = performance.now()
  let shownAt = Number.NEGATIVE_INFINITY
  return (done) => {
    const now = performance.now()
    if (now - shownAt < EVERY_MS) return
    shownAt = now
    io.status(progressText(what, all, done, ((done - before) * 1000) / Math.max(1, now - startedAt)))
  }
}
