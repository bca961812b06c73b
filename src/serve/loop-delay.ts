import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How late the event loop was, in milliseconds. */
export interface LoopDelay {
  p99: number
  max: number
}

export interface LoopWatch {
  /** Over the last ten to twenty seconds. */
  delay(): LoopDelay
  close(): void
}

const RESOLUTION_MS = 10
const WINDOW_MS = 10_000

/** Watches the event loop. A healthy one is late by a few milliseconds; over 100 everybody waits. */
export function watchLoop(): LoopWatch {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  // What is measured is the time between two ticks, which are RESOLUTION_MS apart when nothing is late.
  const ms = (nanoseconds: number) => Math.max(0, Math.round(nanoseconds / 1e6) - RESOLUTION_MS)
  const read = (): LoopDelay => ({ p99: ms(histogram.percentile(99)), max: ms(histogram.max) })
  let last = { p99: 0, max: 0 }
  const turning = setInterval(() => {
    last = read()
    histogram.reset()
  }, WINDOW_MS).unref()
  return {
    delay() {
      const current = read()
      return { p99: Math.max(last.p99, current.p99), max: Math.max(last.max, current.max) }
    },
    close() {
      clearInterval(turning)
      histogram.disable()
    },
  }
}
