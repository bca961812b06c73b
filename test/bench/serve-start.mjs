// How long commands take from their spawn to what they were started for.
import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { freePort } from './free-port.mjs'
import { spread } from './serve-load.mjs'
import { PROGRAM, startOurs } from './serve-sites.mjs'

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
}

/** From the spawn until `answered` says so, or until the process ends, in milliseconds. */
async function timed(words, env, answered) {
  const begun = performance.now()
  const child = spawn(process.execPath, words, { env, stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.stdout.resume()
  await (answered ? Promise.race([answered(child), ended]) : ended)
  const ms = performance.now() - begun
  child.kill()
  await ended
  return ms
}

const line = (child) => new Promise((resolve) => child.stdout.once('data', resolve))

/** Asks for the probe until somebody answers. */
const probe = (port) => () =>
  new Promise((resolve) => {
    const ask = () => {
      const socket = connect(port, '127.0.0.1', () =>
        socket.write('GET /healthz HTTP/1.0\r\nhost: localhost\r\n\r\n'),
      )
      socket.once('data', () => resolve(socket.destroy()))
      socket.once('error', () => setTimeout(ask, 2))
    }
    ask()
  })

const greet = (child) => {
  child.stdin.write(`${JSON.stringify(INITIALIZE)}\n`)
  return line(child)
}

/** Spawn to first answer of each command, `rounds` times in turn; beside node itself. */
export async function starts(store, { rounds }) {
  const site = await startOurs(store, 'starts')
  try {
    return await startsBeside(site, store, rounds)
  } finally {
    await site.stop()
  }
}

/** `site` is the server that the bridge leads to. */
async function startsBeside(site, store, rounds) {
  const port = await freePort()
  const env = { ...store.env, BACKEND_URL: `http://localhost:${port}` }
  const commands = {
    'node -e 0': [['-e', '0']],
    '--help': [[PROGRAM, '--help']],
    'admin users list': [[PROGRAM, 'admin', 'users', 'list']],
    'proxy, to its greeting': [[PROGRAM, 'proxy', `http://localhost:${site.port}/api/mcp`], greet],
    'serve, to its first answer': [[PROGRAM, 'serve', '--port', String(port)], probe(port)],
  }
  const seen = Object.fromEntries(Object.keys(commands).map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const [name, [words, answered]] of Object.entries(commands)) {
      const ms = await timed(words, env, answered)
      // The first round fills the caches of the file system.
      if (round > 0) seen[name].push(ms)
    }
  }
  return Object.fromEntries(Object.entries(seen).map(([name, all]) => [name, spread(all)]))
}
