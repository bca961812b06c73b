import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A copy of the built program in a folder of its own, for tests whose processes must be real. */
export interface Built {
  directory: string
  /** The program as a person starts it. */
  bin: string
  remove(): void
}

/** The folder lies where packages are found from. @throws when the program was not built */
export function copyProgram(): Built {
  const built = join(root, 'dist')
  if (!existsSync(join(built, 'cli.js'))) throw new Error('There is no dist/cli.js. Fix: npm run build.')
  const cache = join(root, 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  const home = mkdtempSync(join(cache, 'zuko-test-'))
  const directory = join(home, 'dist')
  cpSync(built, directory, { recursive: true })
  writeFileSync(join(home, 'package.json'), '{"type":"module","version":"0.0.0"}')
  cpSync(join(root, 'bin'), join(home, 'bin'), { recursive: true })
  return {
    directory,
    bin: join(home, 'bin', 'zuko-mcp.js'),
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}
