// What is written in TypeScript for the tests, compiled as it is read.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the file `path` of the checkout exports. It lies where packages, and the checkout itself, are found from. */
export async function compiled(path) {
  const folder = mkdtempSync(join(root, 'node_modules', '.cache-bench-'))
  const outfile = join(folder, 'module.mjs')
  try {
    await build({
      entryPoints: [join(root, path)],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      logLevel: 'warning',
    })
    return await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
