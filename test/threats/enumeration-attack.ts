import { addPerson } from '../../src/auth/people.js'
import { createBrowser, inputValue } from '../helpers/browser.js'
import { authorizeUrl, newVerifier, register } from '../helpers/oauth.js'
import { PASSWORD } from '../helpers/serve.js'
import { startServing } from '../helpers/serving.js'
import { mannWhitney, median } from '../helpers/statistics.js'

/** Guesses that one account takes before they are slowed. */
const PER_ACCOUNT = 8

/**
 * T31: how long a wrong password takes for accounts that exist and for addresses that do not, one at a time in
 * turn, `rounds` of each. Answers medians in milliseconds and the p-value of a Mann-Whitney test: at 0.01 and
 * below, time tells the two apart.
 */
export async function timeAccounts({ rounds }: { rounds: number }) {
  const people = Array.from({ length: Math.ceil(rounds / PER_ACCOUNT) }, (_, i) => `person-${i}@example.com`)
  const serving = await startServing({
    env: { TRUST_PROXY: '1', LOG_LEVEL: 'warn' },
    async fill(_store, auth) {
      for (const email of people)
        await addPerson(auth, { email, name: email, password: PASSWORD, at: new Date() })
    },
  })
  try {
    const { base } = serving
    const clientId = await register(base)
    const page = await createBrowser().open(authorizeUrl({ base, clientId }, newVerifier()))
    const query = inputValue(page.body, 'query')
    const guess = async (email: string, index: number): Promise<number> => {
      const browser = createBrowser(undefined, { 'x-forwarded-for': `10.2.${index >> 8}.${index & 255}` })
      const started = performance.now()
      const { status } = await browser.send(`${base}/auth/sign-in`, {
        form: { query, email, password: 'not the password' },
      })
      if (status !== 401) throw new Error(`a guess was answered with ${status}`)
      return performance.now() - started
    }
    const known: number[] = []
    const unknown: number[] = []
    for (let index = 0; index < rounds; index += 1) {
      known.push(await guess(people[index % people.length] ?? '', index))
      unknown.push(await guess(`nobody-${index}@example.com`, index))
    }
    return {
      rounds,
      medianKnownMs: median(known),
      medianUnknownMs: median(unknown),
      p: mannWhitney(known, unknown),
    }
  } finally {
    await serving.stop()
  }
}
