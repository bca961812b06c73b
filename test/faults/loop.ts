import { createBrowser, inputValue } from '../helpers/browser.js'
import { authorizeUrl, newVerifier, register } from '../helpers/oauth.js'
import { ADA } from '../helpers/serving.js'
import { createCaller, quantile } from './calls.js'
import { onGround } from './ground.js'
import { drive } from './load.js'

/** R21: normal work, with people signing in all the while. The probe of readiness says how late the loop was. */
export const loopDelay = ({ seconds, signIns }: { seconds: number; signIns: number }) =>
  onGround(async (ground) => {
    const token = await ground.token()
    const server = await ground.start({ env: { TRUST_PROXY: '1' } })
    const { base, port } = ground
    const caller = createCaller(base, token)
    for (let count = 0; count < 50; count++) await caller.create(`task ${count}`)
    const clientId = await register(base)
    const page = await createBrowser().open(authorizeUrl({ base, clientId }, newVerifier()))
    const query = inputValue(page.body, 'query')
    const until = performance.now() + seconds * 1000
    const statuses: number[] = []
    const signIn = async (person: number) => {
      for (let count = 0; performance.now() < until; count++) {
        const from = { 'x-forwarded-for': `10.${person}.${count >> 8}.${count & 255}` }
        const form = { query, email: ADA.email, password: ADA.password }
        statuses.push((await createBrowser(undefined, from).send(`${base}/auth/sign-in`, { form })).status)
      }
    }
    const load = { port, token, tool: 'list_tasks', rate: 100, connections: 20, seconds }
    const people = Array.from({ length: signIns }, (_, person) => signIn(person))
    const [calls] = await Promise.all([drive(load), ...people])
    const { eventLoopDelayMs } = JSON.parse((await caller.get('/readyz')).text)
    caller.close()
    await server.stop()
    return {
      calls: calls.served,
      callsRefused: calls.shed + calls.other + calls.broken,
      callP99Ms: quantile(calls.servedMs, 0.99),
      signIns: statuses.filter((status) => status === 302 || status === 303).length,
      signInsPutOff: statuses.filter((status) => status === 429).length,
      signInsFailed: statuses.filter((status) => ![302, 303, 429].includes(status)).length,
      loopDelayP99Ms: eventLoopDelayMs.p99 as number,
      loopDelayMaxMs: eventLoopDelayMs.max as number,
    }
  })
