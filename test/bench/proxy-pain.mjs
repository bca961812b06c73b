// What has hurt users of bridges, asked of ours and of mcp-remote from outside: the questions of pains.test.ts.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compiled } from './compiled.mjs'
import { mcpRemote } from './mcp-remote.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** `program` is another build of zuko-mcp than the checkout's own. */
export async function run([program = join(root, 'bin', 'zuko-mcp.js')] = []) {
  const remote = mcpRemote()
  const commands = {
    ours: (url) => [program, 'proxy', url, '--no-browser'],
    'mcp-remote': (url) => [remote, url, '--allow-http'],
  }
  const rows = {}
  const { PAINS } = await compiled('test/helpers/pains.ts')
  for (const { name, probe } of PAINS) {
    rows[name] = {}
    for (const [who, command] of Object.entries(commands)) rows[name][who] = await verdict(probe, command)
    console.log(name, rows[name])
  }
  console.table(rows)
}

const verdict = (probe, command) =>
  probe(command).then(
    () => 'ok',
    (error) => error.message.split('\n', 1)[0].slice(0, 60),
  )
