import { Command } from 'commander'
import { isScope } from '../tools/scopes.js'
import type { Act, AdminDeps } from './deps.js'
import { clientById, personByEmail } from './find.js'
import { ownServer } from './own-server.js'
import { printRows } from './table.js'
import { isoTime } from './time.js'

/** `admin grants`: what people allowed clients. */
export const grantsCommand = (act: Act): Command =>
  new Command('grants')
    .description('look after what people allowed clients')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin grants list')
    .addCommand(list(act))
    .addCommand(revoke(act))

const list = (act: Act) =>
  new Command('list')
    .description('show who allowed which client what')
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin grants list --json')
    .action((flags: { json?: boolean }) => act((deps) => listGrants(deps, flags)))

const revoke = (act: Act) =>
  new Command('revoke')
    .description('end a grant with every token that rests on it, at once')
    .argument('<email>', 'e-mail address of the account')
    .argument('<client-id>', 'id of the client')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin grants revoke ada@example.com 7hXk2mQv')
    .action((email: string, clientId: string) => act((deps) => revokeGrant(deps, { email, clientId })))

/** @throws ZukoError FAILED where people allow things elsewhere */
export async function listGrants(deps: AdminDeps, { json }: { json?: boolean }): Promise<void> {
  const { io, store } = deps
  await ownServer(deps, 'Grants')
  const rows = (await (await store()).grants.list()).map((grant) => ({
    ...grant,
    scopes: grant.scopes.filter(isScope),
    createdAt: isoTime(grant.createdAt),
    updatedAt: isoTime(grant.updatedAt),
  }))
  printRows(io, json, {
    rows,
    columns: {
      email: (row) => row.email,
      client: (row) => row.clientId,
      name: (row) => row.clientName ?? '',
      scopes: (row) => row.scopes.join(' '),
      since: (row) => row.createdAt.slice(0, 10),
    },
    empty: 'Nobody has allowed a client anything yet.',
  })
}

export interface RevokeGrant {
  email: string
  clientId: string
}

/** @throws ZukoError FAILED for an unknown account or client, and where people allow things elsewhere */
export async function revokeGrant(deps: AdminDeps, given: RevokeGrant): Promise<void> {
  await ownServer(deps, 'Grants')
  const store = await deps.store()
  const { id, email } = await personByEmail(store, given.email)
  const { clientId } = await clientById(store, given.clientId)
  const ended = await store.grants.revoke(id, clientId)
  deps.io.out(
    ended
      ? `${email} allows ${clientId} nothing any more.`
      : `Nothing changed: ${email} allows ${clientId} nothing.`,
  )
}
