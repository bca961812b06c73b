import { Command, InvalidArgumentError } from 'commander'
import { isScope, SCOPES, type Scope } from '../tools/scopes.js'
import type { Act, AdminDeps } from './deps.js'
import { activePerson } from './find.js'
import { ownServer } from './own-server.js'

/** `admin token`: one signed access token for scripts and checks. */
export const tokenCommand = (act: Act): Command =>
  new Command('token')
    .description('print one access token, and nothing else')
    .requiredOption('--as <email>', 'e-mail address of the account that it stands for')
    .option('--scope <scopes>', 'what it allows, separated by spaces', scopes, [...SCOPES])
    .option('--ttl <time>', 'how long it holds, such as 90s or 10m; at most 15m', seconds, 600)
    .addHelpText(
      'after',
      '\nExample:\n  TOKEN=$(zuko-mcp admin token --as ada@example.com --scope "tasks:read" --ttl 5m)',
    )
    .action((flags: MintToken) => act((deps) => printToken(deps, flags)))

function scopes(text: string): Scope[] {
  const words = text.split(/\s+/).filter((word) => word !== '')
  const unknown = words.filter((word) => !isScope(word))
  if (words.length > 0 && unknown.length === 0) return words.filter(isScope)
  const what = unknown.length === 0 ? 'No scope is named' : `Unknown: ${unknown.join(', ')}`
  throw new InvalidArgumentError(`${what}. Known scopes: ${SCOPES.join(', ')}.`)
}

const SECONDS_PER = { s: 1, m: 60 } as const
const LONGEST = 900

function seconds(text: string): number {
  const [, digits, unit = 's'] = /^(\d+)([sm])?$/.exec(text) ?? []
  const value = Number(digits) * SECONDS_PER[unit as keyof typeof SECONDS_PER]
  if (value >= 1 && value <= LONGEST) return value
  throw new InvalidArgumentError('It must be from 1s to 15m.')
}

export interface MintToken {
  as: string
  scope: Scope[]
  /** Seconds. */
  ttl: number
}

/** @throws ZukoError FAILED for an unknown or disabled account, and where another server signs tokens */
export async function printToken(deps: AdminDeps, { as, scope: scopes, ttl }: MintToken): Promise<void> {
  await ownServer(deps, 'Access tokens')
  const [store, auth] = [await deps.store(), await deps.auth()]
  const { id: userId } = await activePerson(store, as)
  const { ADMIN_CLIENT, mintToken } = await import('../auth/token.js')
  await store.grants.ensure({ userId, ...ADMIN_CLIENT, scopes: SCOPES, at: deps.now().getTime() })
  deps.io.out(await mintToken(auth, { userId, scopes, ttlSeconds: ttl }))
}
