import { randomBytes } from 'node:crypto'
import { ZukoError } from '../errors.js'
import type { Io } from './io.js'

const GENERATED_BYTES = 15

/**
 * A new password: from stdin when asked to, else typed twice on a terminal, else made here.
 * @throws ZukoError USAGE when it cannot be used, INTERRUPTED when the person left
 */
export async function newPassword(
  io: Io,
  email: string,
  passwordStdin: boolean | undefined,
): Promise<{ password: string; generated: boolean }> {
  if (!passwordStdin && !io.isTTY) {
    return { password: randomBytes(GENERATED_BYTES).toString('base64url'), generated: true }
  }
  const password = passwordStdin ? await io.stdin() : await askTwice(io, email)
  const { checkPassword } = await import('../auth/password.js')
  const problem = checkPassword(password)
  if (problem) throw new ZukoError('USAGE', problem, { fix: 'run the command again with another password' })
  return { password, generated: false }
}

async function askTwice(io: Io, email: string): Promise<string> {
  const password = await io.askHidden(`Password for ${email}: `)
  const again = await io.askHidden('The same again: ')
  if (password === again) return password
  throw new ZukoError('USAGE', 'The two passwords differ.', { fix: 'run the command again' })
}
