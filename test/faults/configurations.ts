import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startsNot } from './starts.js'

/** R24: wrong configurations, and the variables that the answer must name. */
export const CONFIGURATIONS: readonly (readonly [env: Record<string, string>, named: readonly string[]])[] = [
  ...[
    'x',
    'ftp://a',
    'http://',
    'http://a/b',
    'http://u:p@a',
    'http://a?b',
    'http://a#b',
    'javascript:1',
  ].map((url) => [{ BACKEND_URL: url }, ['BACKEND_URL']] as const),
  ...['x', 'file:///a', 'http://a/auth', 'https://a?b=c'].map(
    (url) => [{ BETTER_AUTH_URL: url }, ['BETTER_AUTH_URL']] as const,
  ),
  ...['short', 'a'.repeat(31)].map(
    (secret) => [{ BETTER_AUTH_SECRET: secret }, ['BETTER_AUTH_SECRET']] as const,
  ),
  ...[
    'x',
    'http://idp.example.com',
    'https://a?b',
    'https://a#b',
    'https://u:p@a',
    'http://localhost:3001/auth',
  ].map((issuer) => [{ OAUTH_ISSUER: issuer }, ['OAUTH_ISSUER']] as const),
  ...['mysql://a/b', 'http://a', 'redis://a'].map(
    (url) => [{ DATABASE_URL: url }, ['DATABASE_URL']] as const,
  ),
  ...['lots', '0/s burst 5', '5/s burst 0', '5/m burst 5', '-1/s burst 5', '5/s', 'Off'].map(
    (rate) => [{ RATE_LIMIT: rate }, ['RATE_LIMIT']] as const,
  ),
  ...['x', '-1', '11', '1.5'].map((hops) => [{ TRUST_PROXY: hops }, ['TRUST_PROXY']] as const),
  ...['loud', 'INFO'].map((level) => [{ LOG_LEVEL: level }, ['LOG_LEVEL']] as const),
  [{ CLIENT_METADATA_DOCUMENTS: 'maybe' }, ['CLIENT_METADATA_DOCUMENTS']],
  [{ ZUKO_MCP_URL: 'ftp://a' }, ['ZUKO_MCP_URL']],
  [{ OAUTH_SCOPES: 'tasks:read=a' }, ['OAUTH_SCOPES']],
  [{ OAUTH_ISSUER: 'https://a', BETTER_AUTH_URL: 'https://b' }, ['OAUTH_ISSUER', 'BETTER_AUTH_URL']],
  [{ BACKEND_URL: 'x', RATE_LIMIT: 'x', TRUST_PROXY: 'x' }, ['BACKEND_URL', 'RATE_LIMIT', 'TRUST_PROXY']],
]

/** A port that another program has. */
async function takenPort(home: string): Promise<{ code: number | null; lines: string[]; ms: number }> {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  const { PATH = '' } = process.env
  const own = { BACKEND_URL: `http://127.0.0.1:${port}`, DATABASE_URL: `file:${join(home, 'zuko.db')}` }
  const refused = startsNot({ PATH, HOME: home, LOG_LEVEL: 'silent', ...own })
  taken.close()
  return refused
}

/** Starts the program with each of them: it must end with 78, naming each variable, and leave nothing behind. */
export async function wrongConfigurations({ every }: { every: number }) {
  const home = mkdtempSync(join(tmpdir(), 'zuko-configuration-'))
  const { PATH = '' } = process.env
  const figures = {
    configurations: 0,
    wrongExit: 0,
    unnamed: 0,
    slowestMs: 0,
    filesLeft: 0,
    takenPortExit: -1,
  }
  for (const [env, names] of CONFIGURATIONS.filter((_, index) => index % every === 0)) {
    const { code, lines, ms } = startsNot({ PATH, HOME: home, ...env })
    figures.configurations++
    if (code !== 78) figures.wrongExit++
    if (names.some((name) => !lines.some((line) => line.includes(name)))) figures.unnamed++
    figures.slowestMs = Math.max(figures.slowestMs, ms)
  }
  figures.filesLeft = readdirSync(home).length
  figures.takenPortExit = (await takenPort(home)).code ?? -1
  rmSync(home, { recursive: true, force: true })
  return figures
}
