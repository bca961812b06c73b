// `npm run bench -- NAME`: one bench of this folder.
const BENCHES = { proxy: './proxy.mjs', 'proxy-pain': './proxy-pain.mjs', nodes: './nodes.mjs' }

const [name, ...rest] = process.argv.slice(2)
const file = BENCHES[name]
if (file) await (await import(file)).run(rest)
else {
  console.error(
    `There is no bench "${name ?? ''}". Fix: npm run bench -- ${Object.keys(BENCHES).join(' | ')}`,
  )
  process.exitCode = 2
}
