import { createBrowser, inputValue } from '../helpers/browser.js'
import { authorizeUrl, newVerifier, register } from '../helpers/oauth.js'
import { ADA } from '../helpers/serving.js'
import { createCaller, quantile } from './calls.js'
import { type Ground, onGround } from './ground.js'
import { drive, type LoadFigures } from './load.js'

/** Ada signing in without a pause from many browsers, each from an address of its own; behind `TRUST_PROXY`. */
export async function prepareSignIns({ base }: Pick<Ground, 'base'>) {
  const clientId = await register(base)
  const page = await createBrowser().open(authorizeUrl({ base, clientId }, newVerifier()))
  const form = { query: inputValue(page.body, 'query'), email: ADA.email, password: ADA.password }
  let [people, statuses] = [0, [] as number[]]
  const signIn = async (person: number, until: number) => {
    for (let count = 0; performance.now() < until; count++) {
      const from = { 'x-forwarded-for': `10.${person & 255}.${count >> 8}.${count & 255}` }
      statuses.push((await createBrowser(undefined, from).send(`${base}/auth/sign-in`, { form })).status)
    }
  }
  return async (browsers: number, seconds: number) => {
    statuses = []
    const until = performance.now() + seconds * 1000
    await Promise.all(Array.from({ length: browsers }, () => signIn(people++, until)))
    const good = statuses.filter((status) => status === 302 || status === 303).length
    const putOff = statuses.filter((status) => status === 429).length
    return { signIns: good, signInsPutOff: putOff, signInsFailed: statuses.length - good - putOff }
  }
}

const refused = ({ shed, other, broken }: LoadFigures): number => shed + other + broken

/** G12: sign-ins a second, and what a hundred calls a second take alone and beside them. */
export const signInRate = ({ seconds, browsers }: { seconds: number; browsers: number }) =>
  onGround(async (ground) => {
    const token = await ground.token()
    const server = await ground.start({ env: { TRUST_PROXY: '1' } })
    const caller = createCaller(ground.base, token)
    for (let count = 0; count < 50; count++) await caller.create(`task ${count}`)
    caller.close()
    const signIns = await prepareSignIns(ground)
    const load = { port: ground.port, token, tool: 'list_tasks', rate: 100, connections: 20, seconds }
    await drive({ ...load, seconds: 3 })
    const alone = await drive(load)
    const only = await signIns(browsers, seconds)
    const [beside, both] = await Promise.all([drive(load), signIns(browsers, seconds)])
    return {
      perSecond: Math.round((only.signIns / seconds) * 10) / 10,
      perSecondBeside: Math.round((both.signIns / seconds) * 10) / 10,
      signInsFailed: only.signInsFailed + both.signInsFailed,
      callsRefused: refused(alone) + refused(beside),
      aloneP99Ms: quantile(alone.servedMs, 0.99),
      besideP99Ms: quantile(beside.servedMs, 0.99),
      exitCode: await server.stop(),
    }
  })
