/** One metric of the exposition format: what is said about it, and its lines. */
interface Family {
  about: string[]
  lines: string[]
}

/** `name{a="b"} 1` and `name 1` with one label more. */
const labelled = (line: string, label: string): string => {
  const end = line.indexOf(' ')
  const open = line.indexOf('{')
  if (open === -1 || open > end) return `${line.slice(0, end)}{${label}}${line.slice(end)}`
  return `${line.slice(0, open + 1)}${label},${line.slice(open + 1)}`
}

/**
 * The metrics of several processes as one page: each metric is told once, and each of its lines says which
 * process it is from, so that sums are the reader's.
 */
export function mergeMetrics(pages: ReadonlyMap<number, string>): string {
  const families = new Map<string, Family>()
  for (const [worker, page] of pages) {
    let family: Family | undefined
    for (const line of page.split('\n')) {
      const [, about, name = ''] = /^# (HELP|TYPE|UNIT) (\S+)/.exec(line) ?? []
      if (about) {
        family = families.get(name) ?? { about: [], lines: [] }
        families.set(name, family)
        if (!family.about.includes(line)) family.about.push(line)
      } else if (line !== '') family?.lines.push(labelled(line, `worker="${worker}"`))
    }
  }
  return [...families.values()].flatMap(({ about, lines }) => [...about, ...lines, '']).join('\n')
}
