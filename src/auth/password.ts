import { availableParallelism } from 'node:os'
import { APIError } from 'better-auth/api'
import { hashPassword, verifyPassword } from 'better-auth/crypto'

export const MIN_PASSWORD_LENGTH = 12
export const MAX_PASSWORD_LENGTH = 128

/** Beginnings of the passwords that are tried first; with a minimum of 12 characters few whole ones remain. */
const COMMON_STARTS = [
  'password',
  'passw0rd',
  'qwertyuiop',
  '1234567890',
  'letmein',
  'welcome',
  'iloveyou',
  'administrator',
]

/** What is wrong with a new password, in words, or null. Counted in characters, after Unicode NFKC. */
export function checkPassword(password: string): string | null {
  const length = [...password.normalize('NFKC')].length
  if (length < MIN_PASSWORD_LENGTH)
    return `The password has ${length} characters. It needs at least ${MIN_PASSWORD_LENGTH}.`
  if (password.length > MAX_PASSWORD_LENGTH)
    return `The password has more than ${MAX_PASSWORD_LENGTH} characters.`
  if (new Set(password).size < 5)
    return 'The password repeats the same few characters. It needs at least 5 different ones.'
  const plain = password.toLowerCase().replace(/[\s\d!._-]+$/, '')
  if (COMMON_STARTS.includes(plain) || /^[\d\s]*$/.test(password))
    return 'The password is one of those that are tried first.'
  return null
}

/** One processor core is left to the calls, where there is another. */
const AT_ONCE = Math.min(Math.max(availableParallelism() - 1, 1), 2)
const WAITING = 20

/**
 * Password hashing (scrypt on the thread pool, 32 MiB each) in bounded number: two at once, or one on two cores, and
 * twenty waiting, so that a flood of sign-ins neither fills the memory nor starves the calls.
 * @throws APIError 429 when the queue is full
 */
export function createPasswordHashing() {
  let running = 0
  const waiting: (() => void)[] = []

  async function bounded<T>(work: () => Promise<T>): Promise<T> {
    if (running >= AT_ONCE) {
      if (waiting.length >= WAITING) throw new APIError('TOO_MANY_REQUESTS', { code: 'BUSY' })
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }

  return {
    hash: (password: string) => bounded(() => hashPassword(password)),
    verify: (data: { hash: string; password: string }) => bounded(() => verifyPassword(data)),
  }
}
