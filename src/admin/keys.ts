import { Command } from 'commander'
import type { StoredKey } from '../store/types.js'
import type { Act, AdminDeps } from './deps.js'
import { ownServer } from './own-server.js'
import { printRows } from './table.js'
import { isoTime, shownTime } from './time.js'

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
    .addHelpText(
      'after',
      [
        '',
        'Tokens that were signed before stay good until they expire. Nothing has to be restarted.',
        '',
        'Example:',
        '  zuko-mcp admin keys rotate',
      ].join('\n'),
    )
    .action(() => act(rotateKeys))

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
