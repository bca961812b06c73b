/**
 * Makes build/zuko-mcp.mcpb, the bridge as an extension of Claude Desktop: one file of JavaScript without native
 * parts and a manifest, validated and packed by Anthropic's own tool.
 * Claude Desktop starts it with the Node that it brings, so nothing has to be installed.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const TOOL = '@anthropic-ai/mcpb@2.1.2'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = join(root, 'build')
const folder = join(target, 'mcpb')

rmSync(folder, { recursive: true, force: true })
mkdirSync(join(folder, 'server'), { recursive: true })

const { version, description, license, engines, keywords } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
)
const { TOOLS } = await import('../dist/tools/index.js')

/** What a description says first; the rest is for models. */
const firstSentence = (text) => text.split(/(?<=\.)\s/, 1)[0]

const manifest = {
  manifest_version: '0.3',
  name: 'zuko-mcp',
  display_name: 'Zuko CRM',
  version,
  description: 'Read and write the tasks of your Zuko CRM, as yourself, within what you approve.',
  long_description: `${description} This extension is the bridge to a server that runs elsewhere: enter its address, and sign in when the first call opens your browser.`,
  author: { name: 'Zuko MCP contributors' },
  license,
  keywords,
  server: {
    type: 'node',
    entry_point: 'server/index.js',
    mcp_config: {
      command: 'node',
      // The words before ${…} are Claude Desktop's to fill in.
      args: ['$' + '{__dirname}/server/index.js', '$' + '{user_config.url}'],
      env: {},
    },
  },
  user_config: {
    url: {
      type: 'string',
      title: 'Address of the server',
      description: 'It ends with /api/mcp; the front page of the server shows it.',
      default: 'https://crm.example.com/api/mcp',
      required: true,
    },
  },
  tools: TOOLS.map((tool) => ({ name: tool.name, description: firstSentence(tool.description) })),
  compatibility: { platforms: ['darwin', 'win32', 'linux'], runtimes: { node: engines.node } },
}

await build({
  stdin: { contents: entry(), resolveDir: root, sourcefile: 'index.js' },
  outfile: join(folder, 'server', 'index.js'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  define: { VERSION: JSON.stringify(version) },
  external: ['@napi-rs/keyring'],
  legalComments: 'inline',
  logLevel: 'warning',
})
writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ type: 'module', private: true }, null, 2)}\n`)
cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))

official('validate', join(folder, 'manifest.json'))
official('pack', folder, join(target, 'zuko-mcp.mcpb'))

/** What Claude Desktop starts: the bridge to the address that is its one argument. */
function entry() {
  return `
import { endingOf } from './dist/ending.js'
import { ZukoError } from './dist/errors.js'
import { startBridge } from './dist/proxy/start.js'

const ended = new AbortController()
for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => ended.abort())
try {
  const running = startBridge(process.argv.slice(2), { signal: ended.signal, version: VERSION })
  if (!running) {
    throw new ZukoError('USAGE', 'The address of the server is not one.', {
      fix: 'enter one like https://host.example.com/api/mcp in the settings of the extension',
    })
  }
  await running
} catch (error) {
  const { exitCode, text } = endingOf(error, false)
  process.exitCode = exitCode
  process.stderr.write(text)
}
`
}

function official(...words) {
  const { status } = spawnSync('npx', ['--yes', TOOL, ...words], { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(status ?? 1)
}
