import { createCaller, quantile } from './calls.js'
import { onGround } from './ground.js'
import { drive } from './load.js'
import { prepareSignIns } from './sign-ins.js'

/** R21: normal work, with people signing in all the while. The probe of readiness says how late the loop was. */
export const loopDelay = ({ seconds, signIns: browsers }: { seconds: number; signIns: number }) =>
  onGround(async (ground) => {
    const token = await ground.token()
    const server = await ground.start({ env: { TRUST_PROXY: '1' } })
    const caller = createCaller(ground.base, token)
    for (let count = 0; count < 50; count++) await caller.create(`task ${count}`)
    const signIns = await prepareSignIns(ground)
    const load = { port: ground.port, token, tool: 'list_tasks', rate: 100, connections: 20, seconds }
    const [calls, counted] = await Promise.all([drive(load), signIns(browsers, seconds)])
    const { eventLoopDelayMs } = JSON.parse((await caller.get('/readyz')).text)
    caller.close()
    await server.stop()
    return {
      calls: calls.served,
      callsRefused: calls.shed + calls.other + calls.broken,
      callP99Ms: quantile(calls.servedMs, 0.99),
      ...counted,
      loopDelayP99Ms: eventLoopDelayMs.p99 as number,
      loopDelayMaxMs: eventLoopDelayMs.max as number,
    }
  })
