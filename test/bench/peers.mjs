// The packages of the peers, in a folder of their own: never packages of the product.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const { dependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))

/** Installs what is missing; answers the folder of the packages. */
export function peers() {
  const folder = join(here, 'node_modules')
  if (Object.keys(dependencies).every((name) => existsSync(join(folder, name)))) return folder
  const words = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts']
  const { status } = spawnSync('npm', words, { cwd: here, stdio: 'inherit' })
  if (status !== 0) throw new Error('The packages that the bench compares with could not be installed.')
  return folder
}
