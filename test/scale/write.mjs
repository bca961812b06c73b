// `npm run scale`: simulates from docs/scale/bench.json and fills docs/scale.md from all figures.
import { compiled } from '../bench/compiled.mjs'

const { write } = await compiled('test/scale/pages.ts')
write()
