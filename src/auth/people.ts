import { ZukoError } from '../errors.js'
import type { Auth } from './server.js'

export interface NewPerson {
  email: string
  name: string
  /** null: nobody can sign in as this person until a password is set. */
  password: string | null
  at: Date
}

/** An e-mail address as accounts are known by: trimmed, lower-case. */
export const normalEmail = (email: string): string => email.trim().toLowerCase()

const EMAIL = /^[^\s@<>"\\]+@[^\s@<>"\\]+\.[^\s@<>"\\]+$/

/**
 * Adds an account. An e-mail that is known already is left as it is and answers `added` false.
 * @throws ZukoError INVALID_ARGUMENT for what is no e-mail address
 */
export async function addPerson(auth: Auth, person: NewPerson): Promise<{ id: number; added: boolean }> {
  const email = normalEmail(person.email)
  if (email.length > 254 || !EMAIL.test(email)) {
    throw new ZukoError('INVALID_ARGUMENT', `"${person.email}" is not an e-mail address.`)
  }
  const existing = await auth.store.people.findByEmail(email)
  if (existing) return { id: existing.id, added: false }
  const times = { createdAt: person.at, updatedAt: person.at }
  const adapter = auth.context.internalAdapter
  const name = person.name.trim() || email
  const user = await adapter.createUser({ email, name, emailVerified: true, ...times }, { method: 'admin' })
  if (person.password !== null) {
    const password = await auth.context.password.hash(person.password)
    await adapter.createAccount({
      userId: user.id,
      providerId: 'credential',
      accountId: user.id,
      password,
      ...times,
    })
  }
  return { id: Number(user.id), added: true }
}
