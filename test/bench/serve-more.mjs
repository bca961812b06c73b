// Beside single calls: many writers at once, memory after many calls, and calls while people sign in.
import '../proof/typescript.mjs'
import { load, median, memoryOf, openMany } from './serve-load.mjs'
import { requestOf, tool } from './serve-requests.mjs'
import { BOTH_CORES, startContender, startOurs } from './serve-sites.mjs'

const WRITERS = [1, 64]

async function writeRates(site, { organizationId }, rounds) {
  const bytes = requestOf(
    { ...site, era: 'modern' },
    tool('create_task', { title: 'Call back', organizationId }),
  )
  const rates = WRITERS.map(() => [])
  for (let round = 0; round <= rounds; round++) {
    for (const [at, writers] of WRITERS.entries()) {
      const connections = await openMany(site.port, writers)
      const count = writers === 1 ? 200 : 2000
      const { ms } = await load({ connections, bytes, count })
      for (const { close } of connections) close()
      // The first round warms up.
      if (round > 0) rates[at].push(count / (ms / 1000))
    }
  }
  const [alone, together] = rates.map(median)
  return { alone, together, times: together / alone }
}

/** Writes a second by one writer, and by 64 at once; the floor commits each by itself. */
export async function writes(store, { rounds }) {
  const figures = {}
  for (const [name, start] of [
    ['floor', startContender],
    ['ours', startOurs],
  ]) {
    const site = await start(store, name)
    figures[name] = await writeRates(site, store, rounds).finally(site.stop)
  }
  return figures
}

/** Calls a second of one process, and of two workers, on two cores of which whoever asks needs a part. */
export async function workers(store, { rounds, count }) {
  const sites = {
    one: await startOurs(store, 'one', [], [], BOTH_CORES),
    two: await startOurs(store, 'two', ['--workers', '2'], [], BOTH_CORES),
  }
  const rates = { one: [], two: [] }
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const [name, site] of Object.entries(sites)) {
        const connections = await openMany(site.port, 32)
        const bytes = requestOf({ ...site, era: 'modern' }, tool('list_tasks', {}))
        const { ms } = await load({ connections, bytes, count })
        for (const { close } of connections) close()
        // The first round warms up.
        if (round > 0) rates[name].push(count / (ms / 1000))
      }
    }
  } finally {
    await Promise.all(Object.values(sites).map(({ stop }) => stop()))
  }
  const [one, two] = [median(rates.one), median(rates.two)]
  return { one, two, times: two / one }
}

/** Resident MiB of our server in the course of `calls` calls, at eleven moments. */
export async function memory(store, { calls }) {
  const site = await startOurs(store, 'ours')
  try {
    const bytes = requestOf({ ...site, era: 'modern' }, tool('list_tasks', {}))
    const connections = await openMany(site.port, 16)
    const mebibytes = [memoryOf(site.pid)]
    for (let part = 0; part < 10; part++) {
      await load({ connections, bytes, count: calls / 10 })
      mebibytes.push(memoryOf(site.pid))
    }
    for (const { close } of connections) close()
    return { calls, mebibytes: mebibytes.map(Math.round) }
  } finally {
    await site.stop()
  }
}

/** A hundred calls a second alone, and while eight browsers sign in without a pause. */
export async function signIns({ seconds }) {
  const { signInRate } = await import('../faults/sign-ins.ts')
  const { perSecondBeside, signInsFailed, callsRefused, aloneP99Ms, besideP99Ms } = await signInRate({
    seconds,
    browsers: 8,
  })
  return { perSecondBeside, signInsFailed, callsRefused, aloneP99Ms, besideP99Ms }
}
