// What `serve` costs beside a bare server and the peers. Writes docs/speed.md, docs/speed/bench.json and bench.svg.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { peers } from './peers.mjs'
import { calls } from './serve-calls.mjs'
import { memory, signIns, workers, writes } from './serve-more.mjs'
import { page } from './serve-page.mjs'
import { picture } from './serve-picture.mjs'
import { createStore, stepAside } from './serve-sites.mjs'
import { starts } from './serve-start.mjs'

const docs = fileURLToPath(new URL('../../docs/', import.meta.url))
const load1 = () => Number(loadavg()[0].toFixed(2))

/** `folder` is where the figures go: docs, unless another is named. With further words, only those contenders' calls. */
export async function run([folder = docs, ...names]) {
  peers()
  const home = mkdtempSync(join(tmpdir(), 'zuko-bench-'))
  try {
    const machine = {
      at: new Date().toISOString().slice(0, 10),
      cores: cpus().length,
      processor: cpus()[0]?.model ?? 'unknown',
      node: process.version,
      loadAtStart: load1(),
    }
    stepAside()
    const store = await createStore(home)
    const say = (what) => console.log(`${what}…`)
    say('calls')
    const contenders = await calls(store, {
      rounds: 9,
      count: 300,
      names: names.length > 0 ? names : undefined,
    })
    console.table(
      contenders.flatMap(({ name, cases }) =>
        cases.map(({ era, call, cpuUs, perSecond }) => ({
          name,
          era,
          call,
          'CPU µs': Math.round(cpuUs.median),
          'per second': Math.round(perSecond.median),
        })),
      ),
    )
    if (names.length > 0) return
    const bench = { machine, contenders }
    say('writers')
    bench.writes = await writes(store, { rounds: 5 })
    say('workers')
    bench.workers = await workers(store, { rounds: 5, count: 3000 })
    say('starts')
    bench.starts = await starts(store, { rounds: 7 })
    say('100,000 calls')
    bench.memory = await memory(store, { calls: 100_000 })
    say('sign-ins')
    bench.signIns = await signIns({ seconds: 10 })
    machine.loadAtEnd = load1()
    write(folder, bench)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

function write(folder, bench) {
  mkdirSync(join(folder, 'speed'), { recursive: true })
  writeFileSync(join(folder, 'speed', 'bench.json'), `${JSON.stringify(bench, null, 2)}\n`)
  writeFileSync(join(folder, 'speed', 'bench.svg'), picture(bench))
  writeFileSync(join(folder, 'speed.md'), page(bench))
  console.log(page(bench))
}
