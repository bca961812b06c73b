/**
 * The suite's server scenarios against our endpoint, for each revision given, and its authorization server scenarios
 * against ours. Called by run.mjs with the Node of the suite, the suite, and the revisions.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { clickThroughFrom, register } from '../helpers/oauth.js'
import { freePort } from '../helpers/program.js'
import { type FixtureServer, PERSON, startFixtureServer } from './fixture-server.js'

const [node = '', suite = '', ...revisions] = process.argv.slice(2)
const EXPECTED = fileURLToPath(new URL('expected-failures.yml', import.meta.url))

/** Runs the suite; `onText` sees what it has said so far. Answers whether all was as expected. */
async function play(args: readonly string[], onText: (text: string) => void = () => {}): Promise<boolean> {
  const child = spawn(node, [suite, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk)
    said += chunk
    onText(said)
  })
  const [code] = await once(child, 'exit')
  return code === 0
}

const serverSide = ({ base }: FixtureServer, revision: string): Promise<boolean> =>
  play(['server', '--url', `${base}/api/mcp`, '--requirements', revision, '--expected-failures', EXPECTED])

/** The person signs in and agrees at the address that the suite prints. */
async function authorizationSide({ base }: FixtureServer): Promise<boolean> {
  const port = await freePort()
  const clientId = await register(base, { redirect_uris: [`http://127.0.0.1:${port}/callback`] })
  const where = ['--url', `${base}/auth`, '--resource', `${base}/api/mcp`]
  let walked: Promise<unknown> | undefined
  const passed = await play(
    ['authorization', ...where, '--client-id', clientId, '--port', `${port}`],
    (said) => {
      const [url] = /http\S+\/oauth2\/authorize\?\S+(?=\n)/.exec(said) ?? []
      if (url) walked ??= clickThroughFrom(url, { base, ...PERSON }).then((back) => fetch(back))
    },
  )
  await walked
  return passed
}

const server = await startFixtureServer()
try {
  for (const revision of revisions) if (!(await serverSide(server, revision))) process.exitCode = 1
  if (!(await authorizationSide(server))) process.exitCode = 1
} finally {
  await server.close()
}
