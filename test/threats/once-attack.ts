/** What may happen once, or so many times, wanted a hundred times at once. */
import { randomUUID } from 'node:crypto'
import { ADMIN_CLIENT, mintToken } from '../../src/auth/token.js'
import { SCOPES } from '../../src/tools/scopes.js'
import { acknowledged, createCaller, type Reply } from '../faults/calls.js'
import { inputValue } from '../helpers/browser.js'
import { ALL_SCOPES, authorizeUrl, CALLBACK, newVerifier } from '../helpers/oauth.js'
import { ADA, startServing } from '../helpers/serving.js'
import { AT_ONCE, inParallel, play, type Race, type Round, sum } from './race-ground.js'

/** The form of the consent page, as Ada has it before her. */
async function consentForm({ base, clientId, outside }: Round) {
  const page = await outside.open(authorizeUrl({ base, clientId }, newVerifier()))
  const form = { query: inputValue(page.body, 'query'), ...ADA }
  const asked = await outside.follow(await outside.send(`${base}/auth/sign-in`, { form }))
  return {
    query: inputValue(asked.body, 'query'),
    csrf: inputValue(asked.body, 'csrf'),
    scope: ALL_SCOPES.split(' '),
    decision: 'approve',
  }
}

/** T21: one decision of a person, sent a hundred times at once to two processes: one code. */
export async function raceForConsent(race: Race) {
  const played = await play(race, async (round) => {
    const form = await consentForm(round)
    const answers = await inParallel((index) => {
      const { base, browser } = round.caller(index)
      for (const [name, value] of round.outside.jar) browser.jar.set(name, value)
      return browser.send(`${base}/auth/consent`, { form, headers: { origin: round.base } })
    })
    const isCode = (to: unknown) => String(to).startsWith(CALLBACK) && String(to).includes('code=')
    const codes = answers.filter(({ status, headers }) => status === 303 && isCode(headers.location)).length
    const refused = answers.filter(({ status }) => status === 403).length
    return { codes, odd: AT_ONCE - codes - refused }
  })
  return {
    rounds: race.rounds,
    codes: sum(played.map(({ codes }) => codes)),
    otherAnswers: sum(played.map(({ odd }) => odd)),
  }
}

/** The program with so many people, each with an access token. */
async function startWith(people: number, env: Record<string, string>) {
  const tokens: string[] = []
  const serving = await startServing({
    env: { LOG_LEVEL: 'warn', ...env },
    async fill(store, auth) {
      const at = Date.now()
      const { id: organizationId } = await store.organizations.add({ name: 'Race', slug: 'race', at })
      for (let index = 0; index < people; index += 1) {
        const { id: userId } = await store.people.add({
          name: `P${index}`,
          email: `p${index}@example.com`,
          at,
        })
        await store.members.add({ userId, organizationId, role: 'member', at })
        await store.grants.ensure({ userId, ...ADMIN_CLIENT, scopes: [...SCOPES], at: 0 })
        tokens.push(await mintToken(auth, { userId, scopes: SCOPES, ttlSeconds: 900 }))
      }
    },
  })
  return { serving, tokens }
}

/** One idempotency key, used a hundred times at once at two processes: one task, which all are answered with. */
export async function raceForKey({ rounds }: { rounds: number }) {
  const { serving, tokens } = await startWith(1, { RATE_LIMIT: 'off' })
  try {
    const other = await serving.join()
    const host = new URL(serving.base).host
    const callers = [serving.base, `http://127.0.0.1:${other.port}`].map((base) =>
      createCaller(base, tokens[0] ?? '', AT_ONCE / 2, { host }),
    )
    const figures = { rounds, tasks: 0, acknowledged: 0, putOff: 0, otherAnswers: 0 }
    for (let round = 0; round < rounds; round += 1) {
      const title = randomUUID()
      const answers = await inParallel((index) => callers[index % 2]?.create(title) as Promise<Reply>)
      const ids = answers.map(acknowledged).filter((id) => id !== undefined)
      const putOff = answers.filter(({ status }) => status === 503).length
      figures.tasks += new Set(ids).size
      figures.acknowledged += ids.length
      figures.putOff += putOff
      figures.otherAnswers += AT_ONCE - ids.length - putOff
    }
    for (const caller of callers) caller.close()
    const store = await serving.store()
    const { tasks } = await store.browse.overview(0)
    await store.close()
    return { ...figures, stored: sum(Object.values(tasks)) }
  } finally {
    await serving.stop()
  }
}

const BURST = 10

/** T52: a hundred calls at once of somebody who has ten, and one more each second. */
export async function raceForRate({ rounds }: { rounds: number }) {
  const { serving, tokens } = await startWith(rounds, { RATE_LIMIT: `1/s burst ${BURST}` })
  try {
    const figures = { rounds, served: 0, tooMany: 0, tooFew: 0, withoutRetryAfter: 0, otherAnswers: 0 }
    for (const token of tokens) {
      const caller = createCaller(serving.base, token, AT_ONCE)
      const began = performance.now()
      const answers = await inParallel(() => caller.call('list_organizations'))
      const seconds = (performance.now() - began) / 1000
      caller.close()
      const served = answers.filter(({ status }) => status === 200).length
      const refused = answers.filter(({ status }) => status === 429)
      figures.served += served
      if (served > BURST + Math.floor(seconds)) figures.tooMany += 1
      if (served < BURST) figures.tooFew += 1
      figures.withoutRetryAfter += refused.filter(({ retryAfter }) => retryAfter === undefined).length
      figures.otherAnswers += AT_ONCE - served - refused.length
    }
    return figures
  } finally {
    await serving.stop()
  }
}
