// `npm run bench -- NAME`: one bench of this folder; without a name that of `serve`.
const BENCHES = {
  serve: './serve.mjs',
  proxy: './proxy.mjs',
  'proxy-pain': './proxy-pain.mjs',
  nodes: './nodes.mjs',
  scale: './scale.mjs',
}

const [name = 'serve', ...rest] = process.argv.slice(2)
const file = BENCHES[name]
if (file) await (await import(file)).run(rest)
else {
  console.error(`There is no bench "${name}". Fix: npm run bench -- ${Object.keys(BENCHES).join(' | ')}`)
  process.exitCode = 2
}
