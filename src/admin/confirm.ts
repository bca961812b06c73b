import { ZukoError } from '../errors.js'
import type { Io } from './io.js'

/**
 * Asks before what cannot be undone. `yes` is the answer that was given beforehand.
 * @throws ZukoError USAGE where nobody can be asked, INTERRUPTED when the answer is no
 */
export async function confirmed(io: Io, yes: boolean | undefined, question: string): Promise<void> {
  if (yes) return
  if (!io.isTTY) {
    throw new ZukoError('USAGE', `This has to be confirmed: ${question}`, {
      fix: 'add --yes, or run it on a terminal',
    })
  }
  if (await io.confirm(`${question} [y/N] `)) return
  throw new ZukoError('INTERRUPTED', 'Not confirmed; nothing changed.')
}
