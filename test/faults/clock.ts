import { acknowledged, type Caller, createCaller, pause } from './calls.js'
import { onGround } from './ground.js'

const MINUTE = 60_000

/** Gives a process a clock that is off, and that jumps by an hour back at SIGUSR2. */
const clockOff = (skewMs: number): string[] => {
  const shift = `
    let skew = ${skewMs}
    const [now, Real] = [Date.now, Date]
    globalThis.Date = class extends Real {
      constructor(...given) { given.length ? super(...given) : super(now() + skew) }
      static now() { return now() + skew }
    }
    process.on('SIGUSR2', () => { skew -= 3600_000 })`
  return ['--import', `data:text/javascript,${encodeURIComponent(shift)}`]
}

/** The `updatedAt` of a task after each of so many changes. */
async function change(caller: Caller, taskId: number, changes: number): Promise<string[]> {
  const times: string[] = []
  for (let count = 0; count < changes; count++) {
    const { result } = await caller.call('update_task', {
      taskId,
      title: `${times.at(-1) ?? 'first'} ${count}`,
    })
    times.push(result?.structuredContent?.updatedAt ?? '')
  }
  return times
}

/** R11: a server whose clock is off from the one that made the token, and one whose clock jumps back an hour. */
export const wrongClocks = () =>
  onGround(async (ground) => {
    const token = await ground.token()
    const statuses: Record<string, number> = {}
    for (const [name, skew] of [
      ['tenMinutesBehind', -10 * MINUTE],
      ['twentySecondsBehind', -20_000],
      ['twentySecondsAhead', 20_000],
      ['sixteenMinutesAhead', 16 * MINUTE],
    ] as const) {
      const server = await ground.start({ node: clockOff(skew) })
      const caller = createCaller(ground.base, token)
      statuses[name] = (await caller.call('list_tasks')).status
      caller.close()
      await server.stop()
    }
    const server = await ground.start({ node: clockOff(0), env: { RATE_LIMIT: '200/s burst 200' } })
    const caller = createCaller(ground.base, token)
    const taskId = acknowledged(await caller.create('before')) ?? 0
    const before = await change(caller, taskId, 3)
    server.child.kill('SIGUSR2')
    await pause(100)
    const times = [...before, ...(await change(caller, taskId, 3))]
    const grows = times.every((time, index) => index === 0 || time > (times[index - 1] ?? ''))
    caller.close()
    const exitCode = await server.stop()
    const store = await ground.store()
    const { broken } = await store.audit.verify()
    await store.close()
    return { ...statuses, grows, auditBroken: Number(broken !== undefined), exitCode }
  })
