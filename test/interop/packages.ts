/** The clients' packages, in a folder of their own, each in exactly the version that its package.json names. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = fileURLToPath(new URL('.', import.meta.url))

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const wanted: Record<string, string> = read(join(HERE, 'package.json')).optionalDependencies

/** The version of a package that is there; undefined where it is not. */
export function installed(name: string): string | undefined {
  const file = join(HERE, 'node_modules', name, 'package.json')
  return existsSync(file) ? read(file).version : undefined
}

/** Installs what is missing; a package that cannot be had stays away, and the run says so. */
export function install(): void {
  if (Object.entries(wanted).every(([name, version]) => installed(name) === version)) return
  const npm = process.env.npm_execpath
  const [command, ...first] = npm ? [process.execPath, npm] : ['npm']
  const flags = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  spawnSync(command as string, [...first, ...flags], { cwd: HERE, stdio: ['ignore', 2, 2] })
}
