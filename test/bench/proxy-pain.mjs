// What has hurt users of bridges, asked of ours and of mcp-remote from outside: the questions of pains.test.ts.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
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
  for (const { name, probe } of await pains()) {
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

/** The questions are TypeScript, for the tests; here they are compiled as they are read. */
async function pains() {
  const folder = mkdtempSync(join(root, 'node_modules', '.cache-pain-'))
  const outfile = join(folder, 'pains.mjs')
  try {
    await build({
      entryPoints: [join(root, 'test', 'helpers', 'pains.ts')],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      logLevel: 'warning',
    })
    return (await import(pathToFileURL(outfile).href)).PAINS
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
