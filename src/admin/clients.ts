import { Command } from 'commander'
import { ZukoError } from '../errors.js'
import type { ListedClient } from '../store/types.js'
import { confirmed } from './confirm.js'
import type { Act, AdminDeps } from './deps.js'
import { clientById } from './find.js'
import { TERMINAL_CLIENT } from './operator.js'
import { ownServer } from './own-server.js'
import { plain, printRows } from './table.js'
import { isoTime } from './time.js'
import { counted } from './words.js'

/** `admin clients`: the programs that people let in. */
export const clientsCommand = (act: Act): Command =>
  new Command('clients')
    .description('look after the OAuth clients that registered')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin clients list')
    .addCommand(list(act))
    .addCommand(revoke(act))

const list = (act: Act) =>
  new Command('list')
    .description('show every client, newest first')
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin clients list --json')
    .action((flags: { json?: boolean }) => act((deps) => listClients(deps, flags)))

const revoke = (act: Act) =>
  new Command('revoke')
    .description('refuse a client from now on, and end every grant and token of it')
    .argument('<client-id>', 'id of the client')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin clients revoke 7hXk2mQv --yes')
    .action((clientId: string, flags: { yes?: boolean }) =>
      act((deps) => revokeClient(deps, { clientId, ...flags })),
    )

/** The hosts that a client sends people back to. */
export const redirectHosts = ({ redirectUris }: Pick<ListedClient, 'redirectUris'>): string[] => [
  ...new Set(
    redirectUris.map((uri) => (URL.canParse(uri) ? new URL(uri).host || new URL(uri).protocol : uri)),
  ),
]

/** @throws ZukoError FAILED where clients register elsewhere */
export async function listClients(deps: AdminDeps, { json }: { json?: boolean }): Promise<void> {
  const { io, store } = deps
  await ownServer(deps, 'Clients')
  const rows = (await (await store()).clients.list()).map(({ createdAt, ...client }) => ({
    ...client,
    createdAt: createdAt === null ? null : isoTime(createdAt),
  }))
  printRows(io, json, {
    rows,
    columns: {
      client: (row) => row.clientId,
      name: (row) => row.name ?? '',
      redirects: (row) => redirectHosts(row).join(' '),
      grants: (row) => row.grants,
      state: (row) => (row.clientId === TERMINAL_CLIENT ? 'built in' : row.disabled ? 'refused' : 'active'),
      since: (row) => row.createdAt?.slice(0, 10) ?? '',
    },
    empty: 'No client has registered yet.',
  })
}

export interface RevokeClient {
  clientId: string
  yes?: boolean
}

/** @throws ZukoError FAILED for an unknown client and the terminal's own, elsewhere, or when nobody confirms it */
export async function revokeClient(deps: AdminDeps, { clientId, yes }: RevokeClient): Promise<void> {
  await ownServer(deps, 'Clients')
  const store = await deps.store()
  const client = await clientById(store, clientId)
  if (clientId === TERMINAL_CLIENT) {
    throw new ZukoError('FAILED', `${clientId} is the terminal's own client; nobody signs in with it.`, {
      fix: `end its tokens with "zuko-mcp admin grants revoke EMAIL ${clientId}"`,
    })
  }
  const words = client.name === null ? clientId : `${clientId} ("${plain(client.name)}")`
  if (!client.disabled) await confirmed(deps.io, yes, `Refuse ${words} for good?`)
  const ended = await store.clients.revoke(clientId)
  deps.io.out(
    ended
      ? `${words} is refused now; ${counted(ended.grants, 'grant')} ended.`
      : `Nothing changed: ${words} is refused already.`,
  )
}
