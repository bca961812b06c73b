/** Numbers from 0 to 1 that look random and are the same for the same seed (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Draws of a random variable. */
export type Draw = () => number

export const exponential =
  (random: Draw, mean: number): Draw =>
  () =>
    -mean * Math.log(1 - random())

/** As spread as `sample` is, with another mean. */
export function alike(random: Draw, sample: readonly number[], mean: number): Draw {
  const scale = (mean * sample.length) / sample.reduce((sum, value) => sum + value, 0)
  return () => (sample[Math.floor(random() * sample.length)] as number) * scale
}

/** Times at which so many customers come, at random, so many in a unit of time. */
export function arrivals(random: Draw, rate: number, count: number): number[] {
  const pause = exponential(random, 1 / rate)
  let at = 0
  return Array.from({ length: count }, () => {
    at += pause()
    return at
  })
}
