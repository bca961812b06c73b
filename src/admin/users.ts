import { Command } from 'commander'
import { ZukoError } from '../errors.js'
import type { Account } from '../store/types.js'
import type { Act, AdminDeps } from './deps.js'
import { personByEmail } from './find.js'
import { ownServer } from './own-server.js'
import { newPassword } from './password.js'
import { removeUserCommand } from './remove-user.js'
import { setPasswordCommand } from './set-password.js'
import { printRows } from './table.js'

/** `admin users`: the accounts. */
export const usersCommand = (act: Act): Command =>
  new Command('users')
    .description('look after accounts')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin users list')
    .addCommand(list(act))
    .addCommand(add(act))
    .addCommand(link(act))
    .addCommand(disable(act))
    .addCommand(enable(act))
    .addCommand(setPasswordCommand(act))
    .addCommand(removeUserCommand(act))

const list = (act: Act) =>
  new Command('list')
    .description('show every account')
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin users list --json')
    .action((flags: ListUsers) => act((deps) => listUsers(deps, flags)))

const add = (act: Act) =>
  new Command('add')
    .description('add an account')
    .argument('<email>', 'e-mail address to sign in with')
    .option('--name <name>', 'name that others see (default: what stands before the @)')
    .option('--password-stdin', 'read the password from stdin')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin users add ada@example.com --name "Ada Byron"')
    .action((email: string, flags: Omit<AddUser, 'email'>) =>
      act((deps) => addUser(deps, { email, ...flags })),
    )

const link = (act: Act) =>
  new Command('link')
    .description('tie an account to a subject of another authorization server')
    .argument('<email>', 'e-mail address of the account')
    .argument('<subject>', 'the "sub" of that server\'s tokens')
    .option(
      '--issuer <url>',
      'the "iss" of that server\'s tokens (default: OAUTH_ISSUER, or BETTER_AUTH_URL followed by /auth)',
    )
    .addHelpText(
      'after',
      '\nExample:\n  zuko-mcp admin users link ada@example.com 8f14e45f --issuer https://login.example.com/auth',
    )
    .action((email: string, subject: string, flags: { issuer?: string }) =>
      act((deps) => linkUser(deps, { email, subject, ...flags })),
    )

const disable = (act: Act) =>
  new Command('disable')
    .description('refuse sign-in and every token of an account from now on')
    .argument('<email>', 'e-mail address of the account')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin users disable ada@example.com')
    .action((email: string) => act((deps) => setUserDisabled(deps, { email, disabled: true })))

const enable = (act: Act) =>
  new Command('enable')
    .description('let a disabled account sign in again')
    .argument('<email>', 'e-mail address of the account')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin users enable ada@example.com')
    .action((email: string) => act((deps) => setUserDisabled(deps, { email, disabled: false })))

export interface ListUsers {
  json?: boolean
}

export async function listUsers({ io, store }: AdminDeps, { json }: ListUsers): Promise<void> {
  const { people } = await store()
  const rows = (await people.list()).map(shown)
  printRows(io, json, {
    rows,
    columns: {
      id: (row) => row.id,
      email: (row) => row.email,
      name: (row) => row.name,
      state: (row) => (row.disabledAt ? 'disabled' : 'active'),
      since: (row) => (row.disabledAt ?? row.createdAt).slice(0, 10),
    },
    empty: 'There is no account yet. Add one with: zuko-mcp admin users add EMAIL',
  })
}

const shown = ({ id, email, name, disabledAt, createdAt }: Account) => ({
  id,
  email,
  name,
  createdAt: new Date(createdAt).toISOString(),
  disabledAt: disabledAt === null ? null : new Date(disabledAt).toISOString(),
})

export interface AddUser {
  email: string
  name?: string
  passwordStdin?: boolean
}

/**
 * Adds an account with a password that was typed, piped in, or made here and printed once; without one where
 * people sign in elsewhere.
 * @throws ZukoError USAGE when the address or the password cannot be used, FAILED for a password nobody asks for
 */
export async function addUser(
  deps: AdminDeps,
  { email: given, name, passwordStdin }: AddUser,
): Promise<void> {
  const { io, now } = deps
  const email = emailAddress(given)
  if (passwordStdin) await ownServer(deps, 'Passwords')
  const store = await deps.store()
  const known = await store.people.findByEmail(email)
  if (known) return io.out(`Nothing changed: ${email} is an account already (id ${known.id}).`)
  const person = { email, name: name?.trim() || email.slice(0, email.indexOf('@')) }
  if ((await deps.config()).foreign) {
    const { id } = await store.people.add({ ...person, at: now().getTime() })
    return io.out(
      `Added ${email} (id ${id}). Say who that is there: zuko-mcp admin users link ${email} SUBJECT`,
    )
  }
  const { password, generated } = await newPassword(io, email, passwordStdin)
  const { addPerson } = await import('../auth/people.js')
  const { id } = await addPerson(await deps.auth(), { ...person, password, at: now() })
  const secret = generated ? ` Password, shown only now: ${password}` : ''
  io.out(`Added ${email} (id ${id}).${secret}`)
}

function emailAddress(given: string): string {
  const email = given.trim().toLowerCase()
  if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email) && email.length <= 254) return email
  throw new ZukoError('USAGE', `"${given}" is not an e-mail address.`, {
    fix: 'give one such as ada@example.com',
  })
}

export interface LinkUser {
  email: string
  subject: string
  issuer?: string
}

/** @throws ZukoError FAILED for an unknown account, USAGE when no issuer is known */
export async function linkUser(deps: AdminDeps, { email, subject, issuer: given }: LinkUser): Promise<void> {
  const issuer = given === undefined ? await defaultIssuer(deps) : issuerUrl(given)
  const store = await deps.store()
  const person = await personByEmail(store, email)
  const { added } = await store.people.link({ userId: person.id, issuer, subject, at: deps.now().getTime() })
  const tie = `subject "${subject}" of ${issuer} is ${person.email}`
  deps.io.out(added ? `Linked: ${tie}.` : `Nothing changed: ${tie} already.`)
}

/** An issuer is a URL (RFC 8414 section 2); no other word may stand where accounts with a password have theirs. */
function issuerUrl(given: string): string {
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return given
  throw new ZukoError('USAGE', `"${given}" is not the URL of an authorization server.`, {
    fix: 'give the "iss" of its tokens, such as https://login.example.com/auth',
  })
}

async function defaultIssuer({ config }: AdminDeps): Promise<string> {
  const { authUrl, foreign } = await config()
  if (foreign) return foreign.issuer
  if (authUrl) return `${authUrl}/auth`
  throw new ZukoError('USAGE', 'It is not known which authorization server the subject belongs to.', {
    fix: 'name it with --issuer URL, or set OAUTH_ISSUER',
  })
}

/** @throws ZukoError FAILED for an unknown account */
export async function setUserDisabled(
  deps: AdminDeps,
  { email, disabled }: { email: string; disabled: boolean },
): Promise<void> {
  const store = await deps.store()
  const person = await personByEmail(store, email)
  const changed = await store.people.setDisabled(person.id, disabled ? deps.now().getTime() : null)
  const state = disabled ? 'disabled' : 'enabled'
  deps.io.out(
    changed ? `${person.email} is ${state} now.` : `Nothing changed: ${person.email} is ${state} already.`,
  )
}
