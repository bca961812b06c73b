// What the bridge is compared with, in a folder of its own: never a package of the product.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const main = join(here, 'node_modules', 'mcp-remote', 'dist', 'proxy.js')

/** Installs mcp-remote where it is missing; answers what Node runs. */
export function mcpRemote() {
  if (existsSync(main)) return main
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: here,
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error('mcp-remote could not be installed.')
  return main
}
