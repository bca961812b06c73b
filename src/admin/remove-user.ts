import { Command } from 'commander'
import { confirmed } from './confirm.js'
import type { Act, AdminDeps } from './deps.js'
import { personByEmail } from './find.js'
import { counted } from './words.js'

/** `admin users remove`: an account goes, its tasks stay. */
export const removeUserCommand = (act: Act): Command =>
  new Command('remove')
    .description('remove an account with every way in; its tasks stay, without it as creator and owner')
    .argument('<email>', 'e-mail address of the account')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      [
        '',
        'The audit keeps what the account changed, and tasks assigned to it keep its address as text.',
        'To close the way in and keep everything, use "zuko-mcp admin users disable".',
        '',
        'Example:',
        '  zuko-mcp admin users remove ada@example.com --yes',
      ].join('\n'),
    )
    .action((email: string, flags: { yes?: boolean }) => act((deps) => removeUser(deps, { email, ...flags })))

export interface RemoveUser {
  email: string
  yes?: boolean
}

/** @throws ZukoError FAILED for an unknown account, or when nobody confirms it */
export async function removeUser(deps: AdminDeps, { email: given, yes }: RemoveUser): Promise<void> {
  const store = await deps.store()
  const { id, email } = await personByEmail(store, given)
  await confirmed(deps.io, yes, `Remove the account ${email} for good?`)
  const { memberships, created, owned } = await store.people.remove(id)
  deps.io.out(
    `Removed ${email}: ${counted(memberships, 'membership')} ended; ${counted(created, 'task')} without a creator and ${counted(owned, 'task')} with an owner less.`,
  )
}
