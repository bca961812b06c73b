/** What happens to bridges: renewals all at once, and hosts that go away. */
import { readdirSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { initialize, request } from '../helpers/bridge.js'
import { isAlive, startBridge } from '../helpers/bridge-process.js'
import { fakeAuth } from '../helpers/fake-auth.js'
import { computer, until } from '../helpers/processes.js'
import { ROOT } from '../helpers/sources.js'
import { quantile } from './calls.js'

const BUILD = join(ROOT, 'dist')
const BINARY = join(ROOT, 'bin', 'zuko-mcp.js')

/** One login of many processes, whose access token ends under all of them at once. */
async function raceRenewal(count: number) {
  const auth = await fakeAuth()
  const home = computer(BUILD)
  try {
    const processes = Array.from({ length: count }, () => home.start({ url: auth.url.href }))
    await Promise.all(processes.map((one) => one.next('ready')))
    for (const one of processes) one.send('call')
    await fetch(await until(() => home.tabs()[0], 'a tab'))
    for (const one of processes) await one.next('status')
    auth.expireAccess()
    for (const one of processes) one.send('call')
    const answers = await Promise.all(processes.map((one) => one.next('status')))
    for (const one of processes) one.send('close')
    const exits = await Promise.all(processes.map((one) => one.exited))
    return {
      served: answers.filter(({ status }) => status === 200).length,
      renewals: auth.of('/auth/token').filter(({ form }) => form.get('grant_type') === 'refresh_token')
        .length,
      tabs: home.tabs().length,
      wrongExits: exits.filter((code) => code !== 0).length,
    }
  } finally {
    home.remove()
    await auth.close()
  }
}

/**
 * R16: many processes renew one login at once; each round is a login of its own, because a token that is refused
 * within a minute of its making, again and again, is renewed no more.
 */
export async function raceRenewals({ processes, rounds }: { processes: number; rounds: number }) {
  const figures = { rounds, served: 0, renewals: 0, roundsWithMore: 0, tabs: 0, wrongExits: 0 }
  for (let round = 0; round < rounds; round += 1) {
    const { served, renewals, tabs, wrongExits } = await raceRenewal(processes)
    figures.served += served
    figures.renewals += renewals
    if (renewals !== 1) figures.roundsWithMore += 1
    figures.tabs += tabs
    figures.wrongExits += wrongExits
  }
  return figures
}

/** Whether anything listens at an address. */
const answers = (address: string): Promise<boolean> =>
  fetch(address).then(
    () => true,
    () => false,
  )

const socketsIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isSocket())

/** Whether a lock is held: it is a socket, which a process that was in a hurry leaves behind, dead. */
const isHeld = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path)
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })

/** R17: the host closes stdin in the middle of a call that waits for a person to sign in. */
export async function closeStdin({ cycles }: { cycles: number }) {
  const figures = { cycles, wrongExits: 0, processes: 0, ports: 0, locks: 0, deadSockets: 0 }
  const times: number[] = []
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const auth = await fakeAuth({ person: 'waits' })
    const home = computer(BUILD)
    try {
      const bridge = startBridge({ bin: BINARY, args: [auth.url.href], home: home.home, env: home.env })
      bridge.send(initialize(1))
      bridge.send(request('tools/call', { name: 'list_organizations', arguments: {} }, 2))
      const page = new URL(await until(() => home.tabs()[0], 'a tab'))
      const began = performance.now()
      bridge.child.stdin.end()
      if ((await bridge.exited).code !== 0) figures.wrongExits += 1
      times.push(performance.now() - began)
      if (isAlive(bridge.child.pid ?? 0)) figures.processes += 1
      if (await answers(page.searchParams.get('redirect_uri') ?? '')) figures.ports += 1
      const sockets = await Promise.all(socketsIn(home.home).map(isHeld))
      figures.locks += sockets.filter(Boolean).length
      figures.deadSockets += sockets.length
    } finally {
      home.remove()
      await auth.close()
    }
  }
  return { ...figures, slowestMs: quantile(times, 1) }
}
