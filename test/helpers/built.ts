import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The program compiled into a folder of its own, for tests whose processes must be real. */
export interface Built {
  directory: string
  /** The program as a person starts it. */
  bin: string
  remove(): void
}

/** Types are checked elsewhere: whatever compiles is run. The folder lies where packages are found from. */
export function buildProgram(): Built {
  const cache = join(root, 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  const home = mkdtempSync(join(cache, 'zuko-test-'))
  const directory = join(home, 'dist')
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { stderr, error } = spawnSync(process.execPath, [tsc, '-p', root, '--outDir', directory, '--noCheck'])
  if (error) throw new Error(`The program did not compile: ${stderr}`, { cause: error })
  const bundle = [join(root, 'scripts', 'bundle-bridge.mjs'), directory]
  const bundled = spawnSync(process.execPath, bundle, { cwd: root })
  if (bundled.status !== 0) throw new Error(`The bridge was not bundled: ${bundled.stderr}`)
  writeFileSync(join(home, 'package.json'), '{"type":"module","version":"0.0.0"}')
  cpSync(join(root, 'bin'), join(home, 'bin'), { recursive: true })
  return {
    directory,
    bin: join(home, 'bin', 'zuko-mcp.js'),
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}
