import { Command } from 'commander'
import type { StoredKey } from '../store/types.js'
import { confirmed } from './confirm.js'
import type { Act, AdminDeps } from './deps.js'
import { ownServer } from './own-server.js'
import { printRows } from './table.js'
import { isoTime, shownTime } from './time.js'
import { counted } from './words.js'

/** `admin keys`: what tokens are signed with. */
export const keysCommand = (act: Act): Command =>
  new Command('keys')
    .description('look after the keys that sign access tokens')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin keys list')
    .addCommand(list(act))
    .addCommand(rotate(act))

const list = (act: Act) =>
  new Command('list')
    .description('show every key, newest first; private keys are never shown')
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin keys list --json')
    .action((flags: { json?: boolean }) => act((deps) => listKeys(deps, flags)))

const rotate = (act: Act) =>
  new Command('rotate')
    .description('publish a new key now and sign with it as soon as every verifier knows it')
    .option('--now', 'remove every key there is instead, and sign with a new one at once')
    .option('--yes', 'with --now: answer yes beforehand')
    .addHelpText(
      'after',
      [
        '',
        'Tokens that were signed before stay good until they expire. Nothing has to be restarted.',
        '',
        'With --now they end within a minute (where the endpoint runs apart, within ten), and clients fetch new',
        'ones by themselves. It is for a key that somebody else may have, and for a secret that is lost.',
        '',
        'Example:',
        '  zuko-mcp admin keys rotate',
      ].join('\n'),
    )
    .action((flags: { now?: boolean; yes?: boolean }) =>
      act((deps) => (flags.now ? replaceKeys(deps, flags) : rotateKeys(deps))),
    )

type KeyState = 'waiting' | 'signing' | 'retired'

/** What each key does at `now`; keys come newest first. */
export function keyStates(keys: readonly StoredKey[], now: number): (StoredKey & { state: KeyState })[] {
  const signing = keys.find(({ createdAt }) => createdAt.getTime() <= now)
  return keys.map((key) => ({
    ...key,
    state: key.createdAt.getTime() > now ? 'waiting' : key === signing ? 'signing' : 'retired',
  }))
}

/** @throws ZukoError FAILED where another server signs tokens */
export async function listKeys(deps: AdminDeps, { json }: { json?: boolean }): Promise<void> {
  const { io, store, now } = deps
  await ownServer(deps, 'Signing keys')
  const keys = keyStates(await (await store()).keys.list(), now().getTime())
  printRows(io, json, {
    rows: keys.map(({ id, alg, state, createdAt, expiresAt }) => ({
      id,
      alg: alg ?? 'EdDSA',
      state,
      signsFrom: isoTime(createdAt.getTime()),
      signsUntil: expiresAt === null ? null : isoTime(expiresAt.getTime()),
    })),
    columns: {
      key: (row) => row.id,
      alg: (row) => row.alg,
      state: (row) => row.state,
      'signs from': (row) => shownTime(Date.parse(row.signsFrom)),
      until: (row) => (row.signsUntil === null ? '' : shownTime(Date.parse(row.signsUntil))),
    },
    empty: 'There is no key yet; the first start of "zuko-mcp serve" makes one.',
  })
}

/**
 * Begins a rotation; while one is under way there is nothing to do.
 * @throws ZukoError FAILED where another server signs tokens
 */
export async function rotateKeys(deps: AdminDeps): Promise<void> {
  const { io, auth, now } = deps
  await ownServer(deps, 'Signing keys')
  const server = await auth()
  const { rotateSigningKey } = await import('../auth/keys.js')
  const next = await rotateSigningKey(server)
  if (next) {
    return io.out(
      `Published the key ${next.id}; it signs from ${shownTime(next.signsFrom.getTime())} UTC on.`,
    )
  }
  const waiting = keyStates(await server.store.keys.list(), now().getTime()).find(
    ({ state }) => state === 'waiting',
  )
  const from = waiting ? `: ${waiting.id} signs from ${shownTime(waiting.createdAt.getTime())} UTC on` : ''
  io.out(`Nothing changed: a rotation is under way${from}.`)
}

/**
 * Removes every key, readable or not, and makes a new one that signs at once.
 * @throws ZukoError FAILED where another server signs tokens; see `confirmed`
 */
export async function replaceKeys(deps: AdminDeps, { yes }: { yes?: boolean }): Promise<void> {
  const { io, store, auth } = deps
  await ownServer(deps, 'Signing keys')
  await confirmed(io, yes, 'Every access token ends. Remove every signing key?')
  const { keys } = await store()
  const removed = await keys.clear()
  const [server, { ensureSigningKey }] = [await auth(), await import('../auth/keys.js')]
  await ensureSigningKey(server.endpointContext, server.keys)
  const [next] = await keys.list()
  io.out(`Removed ${counted(removed, 'key')}; ${next?.id} signs from now on.`)
}
