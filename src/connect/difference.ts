const CONTEXT = 3

/** The lines of a text without their ends; a text that ends without one keeps its last line as it is. */
const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/))

function sharedStart(one: readonly string[], other: readonly string[]): number {
  const index = one.findIndex((line, at) => line !== other[at])
  return index === -1 ? one.length : index
}

/** Where a hunk stands, as `diff -u` counts: the first line from 1, or 0 of nothing. */
const range = (start: number, count: number): string => `${count === 0 ? start : start + 1},${count}`

/**
 * What a change does to a file, as `diff -u` shows it, in one hunk: the changes made here are all in one place.
 * Empty where nothing changes.
 */
export function difference(file: string, before: string | undefined, after: string | undefined): string[] {
  if (before === after) return []
  const [old, now] = [linesOf(before ?? ''), linesOf(after ?? '')]
  const start = sharedStart(old, now)
  const end = sharedStart(old.slice(start).reverse(), now.slice(start).reverse())
  const shown = Math.max(0, start - CONTEXT)
  const rest = old.slice(old.length - end, old.length - end + CONTEXT)
  const kept = old.slice(shown, start)
  const size = (lines: readonly string[]) => lines.length - end - shown + rest.length
  return [
    `--- ${before === undefined ? '/dev/null' : file}`,
    `+++ ${after === undefined ? '/dev/null' : file}`,
    `@@ -${range(shown, size(old))} +${range(shown, size(now))} @@`,
    ...kept.map((line) => ` ${line}`),
    ...old.slice(start, old.length - end).map((line) => `-${line}`),
    ...now.slice(start, now.length - end).map((line) => `+${line}`),
    ...rest.map((line) => ` ${line}`),
  ]
}
