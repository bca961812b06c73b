/** Why a message may not be served to somebody at this moment. */
import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { publicUrls } from '../../src/config.js'
import { OWN_NAMES } from '../../src/scope-names.js'
import { type AdmissionOptions, createAdmission } from '../../src/serve/admission.js'
import type { Message } from '../../src/serve/message.js'
import type { RateLimit } from '../../src/serve/rate-limit.js'
import { refuse, unavailable } from '../../src/serve/reply.js'
import { TOOLS } from '../../src/tools/index.js'
import type { Scope } from '../../src/tools/scopes.js'

const urls = publicUrls('https://crm.example')

/** An allowance that is used up for this key, for so many seconds, and remembers who asked. */
function usedUp(key: string | number, seconds: number): RateLimit & { asked: (string | number)[] } {
  const asked: (string | number)[] = []
  const take = (one: string | number) => {
    asked.push(one)
    return one === key ? seconds : 0
  }
  return { asked, take, giveBack: () => {} }
}

const tools = new Map(TOOLS.map((tool) => [tool.name, tool]))
const admission = (more: Partial<AdmissionOptions> = {}) => createAdmission({ urls, tools, ...more })
const message = (method: string, params: object): Message =>
  ({ jsonrpc: '2.0', id: 1, method, params }) as unknown as Message
const call = (name: string) => message('tools/call', { name, arguments: {} })
const holding = (...scopes: Scope[]) => ({ caller: { userId: 7, clientId: 'c', requestId: 'r' }, scopes })
const from = (address: string) =>
  Object.assign(new PassThrough(), {
    headers: {},
    ip: address,
    socket: { remoteAddress: address },
  }) as unknown as Parameters<ReturnType<typeof createAdmission>['turnAway']>[0]

describe('a call', () => {
  test('with the scope of its tool is admitted', async () => {
    expect(await admission().admit(call('get_task'), holding('tasks:read'))).toBeUndefined()
  })

  test('without it is 403, and told everything that it needs', async () => {
    const refused = await admission().admit(call('create_task'), holding('tasks:read'))
    expect(refused?.refusal.status).toBe(403)
    expect(refused?.refusal.headers?.['WWW-Authenticate']).toContain('scope="tasks:read tasks:write"')
  })

  test('without it is told the name that the authorization server knows', async () => {
    const scopeNames = { ...OWN_NAMES, 'tasks:write': 'crm.write' }
    const refused = await admission({ scopeNames }).admit(call('create_task'), holding())
    expect(refused?.refusal.headers?.['WWW-Authenticate']).toContain('scope="crm.write"')
  })

  test('of a tool that is none is left to whoever answers it', async () => {
    expect(await admission().admit(call('nothing'), holding())).toBeUndefined()
  })

  test('beyond the rate of the person is 429, and told when to come back', async () => {
    const rateLimit = usedUp(7, 3)
    const refused = await admission({ rateLimit }).admit(call('get_task'), holding('tasks:read'))
    expect(refused?.refusal.status).toBe(429)
    expect(refused?.refusal.headers).toEqual({ 'Retry-After': '3' })
    expect(JSON.stringify(refused)).toContain(
      'RATE_LIMITED: too many tool calls at once. Fix: send this again in 3 s.',
    )
    expect(rateLimit.asked).toEqual([7])
  })

  test('within it is admitted', async () => {
    expect(
      await admission({ rateLimit: usedUp(8, 3) }).admit(call('get_task'), holding('tasks:read')),
    ).toBeUndefined()
  })

  test('that is refused for its scope costs nothing of the rate', async () => {
    const rateLimit = usedUp(7, 3)
    await admission({ rateLimit }).admit(call('create_task'), holding())
    expect(rateLimit.asked).toEqual([])
  })

  test('of anything but a tool costs nothing, and needs no scope', async () => {
    const rateLimit = usedUp(7, 3)
    expect(await admission({ rateLimit }).admit(message('tools/list', {}), holding())).toBeUndefined()
    expect(rateLimit.asked).toEqual([])
  })
})

describe('who has no valid token', () => {
  const refused = refuse(401, 'Sign in.')

  test('is told so', async () => {
    expect(await admission().turnAway(from('192.0.2.1'), refused)).toBe(refused)
    const strangers = usedUp('192.0.2.2', 5)
    expect(await admission({ strangers }).turnAway(from('192.0.2.1'), refused)).toBe(refused)
    expect(strangers.asked).toEqual(['192.0.2.1'])
  })

  test('is told to come back later after too many from the address', async () => {
    const answer = await admission({ strangers: usedUp('192.0.2.1', 5) }).turnAway(from('192.0.2.1'), refused)
    expect(answer.refusal.status).toBe(429)
    expect(answer.refusal.headers).toEqual({ 'Retry-After': '5' })
    expect(JSON.stringify(answer)).toContain('too many requests without a valid token came from this address')
  })

  test('is not counted where we could not tell', async () => {
    const strangers = usedUp('192.0.2.1', 5)
    const fault = unavailable('The store')
    expect(await admission({ strangers }).turnAway(from('192.0.2.1'), fault)).toBe(fault)
    expect(strangers.asked).toEqual([])
  })

  test('is counted from 400 to 499', async () => {
    const answer = await admission({ strangers: usedUp('192.0.2.1', 5) }).turnAway(
      from('192.0.2.1'),
      refuse(400, 'Twice.'),
    )
    expect(answer.refusal.status).toBe(429)
    const exact = refuse(500, 'Fault.')
    expect(await admission({ strangers: usedUp('192.0.2.1', 5) }).turnAway(from('192.0.2.1'), exact)).toBe(
      exact,
    )
  })
})
