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

/** Steps between two words, or Infinity when too many. The beginning or the end of a word counts as one step. */
function steps(word: string, name: string): number {
  const [one, other] = [plain(word), plain(name)]
  if (one === other) return 0
  if (one.length > 1 && (other.startsWith(one) || other.endsWith(one))) return 1
  const far = distance(one, other)
  return far <= Math.max(1, Math.max(one.length, other.length) / 3) ? far : Number.POSITIVE_INFINITY
}

/** The known word that `word` was probably meant to be; undefined when none comes close. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > MAX_LENGTH) return undefined
  const ranked = known.map((name) => ({ name, far: steps(word, name) })).sort((a, b) => a.far - b.far)
  return ranked[0] && ranked[0].far < Number.POSITIVE_INFINITY ? ranked[0].name : undefined
}
