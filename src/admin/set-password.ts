import { Command } from 'commander'
import type { Act, AdminDeps } from './deps.js'
import { personByEmail } from './find.js'
import { ownServer } from './own-server.js'
import { newPassword } from './password.js'

/** `admin users set-password`: another password for an account. */
export const setPasswordCommand = (act: Act): Command =>
  new Command('set-password')
    .description('give an account another password, and end its sessions')
    .argument('<email>', 'e-mail address of the account')
    .option('--password-stdin', 'read the password from stdin')
    .addHelpText(
      'after',
      '\nExample:\n  pass zuko/ada | zuko-mcp admin users set-password ada@example.com --password-stdin',
    )
    .action((email: string, flags: { passwordStdin?: boolean }) =>
      act((deps) => setPassword(deps, { email, ...flags })),
    )

export interface SetPassword {
  email: string
  passwordStdin?: boolean
}

/**
 * Sets a password that was typed, piped in, or made here and printed once. Sessions in browsers end; what
 * clients were granted stays (end that with `admin grants revoke`).
 * @throws ZukoError FAILED for an unknown account and where people sign in elsewhere, USAGE for a password that cannot be used
 */
export async function setPassword(deps: AdminDeps, given: SetPassword): Promise<void> {
  const { io, now } = deps
  await ownServer(deps, 'Passwords')
  const store = await deps.store()
  const { id, email } = await personByEmail(store, given.email)
  const { password, generated } = await newPassword(io, email, given.passwordStdin)
  const { context } = await deps.auth()
  const known = await store.people.passwordHash(id)
  if (known && (await context.password.verify({ hash: known, password }))) {
    return io.out(`Nothing changed: ${email} has this password already.`)
  }
  await store.people.setPassword(id, await context.password.hash(password), now().getTime())
  const secret = generated ? ` Password, shown only now: ${password}` : ''
  io.out(`${email} has another password now; its sessions ended.${secret}`)
}
