import { afterAll, beforeAll, expect, test } from 'vitest'
import { SCOPES } from '../../src/tools/scopes.js'
import { addPersonIn, startTarget, type Target } from '../helpers/target.js'
import { fuzz } from './fuzz.js'

const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 2000)

let target: Target
const unhandled: unknown[] = []
const note = (reason: unknown) => void unhandled.push(reason)
beforeAll(async () => {
  process.on('unhandledRejection', note)
  target = await startTarget({ trustProxy: 1 })
})
afterAll(async () => {
  process.off('unhandledRejection', note)
  await target.close()
})

test(`${REQUESTS} generated requests to every route: each is answered as promised`, async () => {
  const people = [await addPersonIn(target, 'Acme'), await addPersonIn(target, 'Globex')]
  const tokens = [
    ...(await Promise.all(people.map(({ userId }) => target.tokenFor(userId)))),
    await target.tokenFor(people[0]?.userId ?? 0, SCOPES.slice(0, 1)),
  ]
  const figures = await fuzz({
    requests: REQUESTS,
    seed: 20260722,
    baseUrl: target.base,
    tokens: async () => tokens,
  })
  expect(figures.faults).toEqual([])
  expect(figures).toMatchObject({ requests: REQUESTS, crashes: 0 })
  for (const status of ['200', '400', '401', '403', '404', '405'])
    expect(figures.statuses).toHaveProperty(status)
  expect(unhandled).toEqual([])
  expect(target.logged()).not.toMatch(/"level":"(error|fatal)"/)
}, 600_000)
