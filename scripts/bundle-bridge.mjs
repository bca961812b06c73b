/**
 * Puts the built bridge (`dist/proxy`) into a few files: a host waits for it at every start, and each file that
 * Node has to find, read and link costs it about half a millisecond. What lies outside the room stays outside.
 */
import { relative, resolve, sep } from 'node:path'
import { build } from 'esbuild'

/** Packages and files of other rooms are imported from where they are, seen from the room. */
const outside = {
  name: 'outside',
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ path, resolveDir, kind }) => {
      if (kind === 'entry-point') return undefined
      if (!path.startsWith('.')) return { path, external: true }
      const file = resolve(resolveDir, path)
      if (file.startsWith(room + sep)) return undefined
      return { path: relative(room, file).split(sep).join('/'), external: true }
    })
  },
}

/** The folder that holds the compiled bridge; its `command.js` is what the program loads. */
const room = resolve(process.argv[2] ?? 'dist/proxy')

await build({
  entryPoints: [resolve(room, 'command.js')],
  outdir: room,
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  chunkNames: 'bundle-[hash]',
  plugins: [outside],
  logLevel: 'warning',
})
