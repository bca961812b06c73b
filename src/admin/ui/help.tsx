import { cell } from './line.js'
import { Detail, type ReadLine } from './lines.js'
import { roomOf, type Size } from './sheet.js'
import { wrap } from './text.js'

const KEYS: readonly (readonly [string, string])[] = [
  ['1 … 6, Tab', 'go to a screen, or to the next one'],
  ['↑ ↓, j k', 'move; PgUp, PgDn and Space by a page, Home and End (g, G) to an end'],
  ['/', 'filter: type, Enter keeps it, Esc drops it'],
  ['Enter', 'open what is chosen'],
  ['Esc', 'back'],
  ['s', 'tasks: the next status to show'],
  ['e', 'a task: edit its title, status and assignee'],
  ['h', 'a task: its changes in the audit'],
  ['t', 'an organization: its tasks; a change: its task'],
  ['u', 'a change in the audit: take it back'],
  ['x', 'a client or a grant: revoke it'],
  ['r', 'read again; changes of others come by themselves'],
  ['q, Ctrl+C', 'leave'],
]

const LABEL = 12

/** Every key there is. */
export function Help({ active, close, ...size }: Size & { active: boolean; close(): void }) {
  const width = roomOf(size).width - LABEL - 4
  const lines = KEYS.flatMap(([keys, does]) =>
    wrap(does, width).map((text, index): ReadLine => {
      const label = cell([{ text: index === 0 ? keys : '', tone: 'accent', bold: true }], LABEL)
      return { spans: [...label, `  ${text}`] }
    }),
  )
  const title = [{ text: 'Keys', bold: true }]
  return <Detail {...size} active={active} title={title} lines={lines} hints={[]} close={close} />
}
