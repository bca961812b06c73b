/** What workers share, over the messages that they send for it; here the messages go round in one process. */
import { expect, test } from 'vitest'
import { ZukoError } from '../../src/errors.js'
import { createLimits } from '../../src/serve/limits.js'
import { createSiblings } from '../../src/serve/siblings.js'
import { type Attendance, attend, type Link, linkThrough } from '../../src/serve/siblings-link.js'
import { errorOf, failureOf } from '../../src/serve/worker-messages.js'

/** Workers of one process, as messages reach them: through JSON, and never at once. */
function workers(count: number) {
  const siblings = createSiblings()
  return Array.from({ length: count }, () => {
    const later = (hear: () => void) => void setImmediate(hear)
    const attendance: Attendance = attend(siblings, (message) => {
      const sent = JSON.stringify(message)
      later(() => link.hear(JSON.parse(sent)))
    })
    const link: Link = linkThrough((message) => {
      const sent = JSON.stringify(message)
      later(() => attendance.hear(JSON.parse(sent)))
    })
    return { ...link.siblings, gone: attendance.gone }
  })
}
type Worker = ReturnType<typeof workers>[number]

const pairOf = () => workers(2) as [Worker, Worker]
const rounds = (count: number) =>
  count === 0
    ? undefined
    : new Promise<void>((resolve) => setImmediate(async () => resolve(await rounds(count - 1))))

test('work under one name is done by one worker at a time', async () => {
  let [under, most] = [0, 0]
  const work = async () => {
    most = Math.max(most, ++under)
    await rounds(3)
    under -= 1
  }
  await Promise.all(workers(3).flatMap(({ alone }) => [alone('login', work), alone('login', work)]))
  expect([most, under]).toEqual([1, 0])
})

test('work that fails lets go of its name, and says why', async () => {
  const [one, other] = pairOf()
  await expect(one.alone('login', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await other.alone('login', async () => 'done')).toBe('done')
})

test('a worker that dies lets go of what it held and of what it waited for', async () => {
  const [one, other] = pairOf()
  await new Promise<void>((holding) => {
    void one.alone('login', () => new Promise(() => holding()))
  })
  void one.alone('login', () => Promise.reject(new Error('It is done for a worker that is dead.')))
  const waiting = other.alone('login', async () => 'done')
  one.gone()
  expect(await waiting).toBe('done')
})

test('an allowance is one for all', async () => {
  const limits = workers(3).map((allowances) =>
    createLimits(allowances)('calls', { perSecond: 0.001, burst: 60 }),
  )
  const taken = await Promise.all(Array.from({ length: 200 }, (_, index) => limits[index % 3]?.take('ada')))
  expect(taken.filter((seconds) => seconds === 0)).toHaveLength(60)
})

test('what is given back by one can be taken by another', async () => {
  const [one, other] = pairOf().map((allowances) =>
    createLimits(allowances)('a', { perSecond: 0.001, burst: 1 }),
  )
  expect(await one?.take('\ud800')).toBe(0)
  await one?.giveBack('\ud800')
  expect(await other?.take('\ud800')).toBe(0)
})

test('an error comes over with all that is said of it', () => {
  const error = new ZukoError('CONFIGURATION', 'Two are wrong.', {
    ...{ fix: 'mend them', problems: ['A is.', 'B is.'], cause: new Error('the driver said') },
  })
  const told = errorOf(JSON.parse(JSON.stringify(failureOf(error))))
  expect(told).toMatchObject({ code: 'CONFIGURATION', fix: error.fix, problems: error.problems })
  expect([told.message, told.stack, told.cause]).toEqual([error.message, error.stack, error.cause])
})
