/**
 * Puts what a host waits for when it starts the built bridge into two files, `main.js` and `proxy/start.js`: each
 * file that Node has to find, read and link costs it about half a millisecond. Packages, and whatever is imported
 * only once it is needed, stay where they are. No module keeps state of its own, so none minds being there twice.
 */
import { resolve } from 'node:path'
import { build } from 'esbuild'

const own = {
  name: 'own',
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ path, kind }) => {
      const isPart = kind === 'entry-point' || (kind === 'import-statement' && path.startsWith('.'))
      return isPart ? undefined : { path, external: true }
    })
  },
}

/** The folder that holds the compiled program. */
const dist = resolve(process.argv[2] ?? 'dist')

await build({
  entryPoints: [resolve(dist, 'main.js'), resolve(dist, 'proxy', 'start.js')],
  outdir: dist,
  outbase: dist,
  allowOverwrite: true,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  plugins: [own],
  logLevel: 'warning',
})
