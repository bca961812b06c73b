import { STATUSES, type Status } from '../../tools/words.js'
import type { Span } from './line.js'

/** A status as a sign, as a word, and in its tone: what goes on is what stands out. */
const LOOKS: Record<Status, readonly [sign: string, word: string, tone?: 'accent' | 'muted']> = {
  TODO: ['○', 'To do'],
  IN_PROGRESS: ['◐', 'In progress', 'accent'],
  DONE: ['●', 'Done', 'muted'],
  CANCELLED: ['✕', 'Cancelled', 'muted'],
}

export const statusWord = (status: Status): string => LOOKS[status][1]

const toned = (text: string, status: Status): Span => {
  const tone = LOOKS[status][2]
  return tone === undefined ? { text } : { text, tone }
}

export const statusSign = (status: Status): Span => toned(LOOKS[status][0], status)
export const statusSpan = (status: Status): Span => toned(`${LOOKS[status][0]} ${LOOKS[status][1]}`, status)

/** The status after this one, around; undefined is every status. */
export function nextStatus(status: Status | undefined): Status | undefined {
  const at = status === undefined ? -1 : STATUSES.indexOf(status)
  return STATUSES[at + 1]
}
