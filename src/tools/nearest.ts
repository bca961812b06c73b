/** How many letters have to be added, left out or exchanged to make one word of the other (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1]
    for (let column = 1; column <= other.length; column += 1) {
      const exchanged = (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1)
      next.push(Math.min(exchanged, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}

const MAX_LENGTH = 254
const plain = (word: string) => word.toLowerCase().replace(/[-_\s]/g, '')

/** True for `id` and `taskId`, or `desc` and `description`. */
const isPart = (word: string, name: string) =>
  word.length > 1 && (plain(name).startsWith(word) || plain(name).endsWith(word))

/**
 * The known word that `word` was probably meant to be; undefined when none comes close. Case, hyphens and
 * underscores do not count. Up to two letters in five may differ; the beginning or the end of one name will do.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > MAX_LENGTH) return undefined
  const wanted = plain(word)
  const ranked = known
    .map((name) => ({ name, steps: distance(wanted, plain(name)) }))
    .filter(({ name, steps }) => steps <= Math.max(wanted.length, plain(name).length) * 0.4)
    .sort((a, b) => a.steps - b.steps)
  const [part, ...others] = known.filter((name) => isPart(wanted, name))
  return ranked[0]?.name ?? (others.length === 0 ? part : undefined)
}
