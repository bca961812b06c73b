import { describe, expect, test } from 'vitest'
import { closedDoor, initialize, modernRequest, request } from '../helpers/bridge.js'
import { events, type FakeMcp, type Json, json, result } from '../helpers/fake-mcp.js'
import { type Pair, pairs } from '../helpers/pair.js'

const pair = pairs()
const EVERYTHING = { elicitation: { form: {}, url: {} }, sampling: {}, roots: { listChanged: true } }

const ASK_NAME = {
  method: 'elicitation/create',
  params: { mode: 'form', message: 'Who?', requestedSchema: { type: 'object', properties: {} } },
}
const ASK_MODEL = { method: 'sampling/createMessage', params: { messages: [], maxTokens: 5 } }
const ASK_ROOTS = { method: 'roots/list' }
const ACCEPTED = { action: 'accept', content: { name: 'Ada' } }

/** A legacy host that declares these capabilities, in front of a modern server. */
async function legacyHost(
  capabilities: Json = EVERYTHING,
  options: { answerMs?: number } = {},
): Promise<Pair> {
  const both = await pair({ era: 'modern' }, options)
  const opening = initialize('init')
  both.host.send({ ...opening, params: { ...opening.params, capabilities } })
  await both.host.answer('init')
  return both
}

/** The server wants these, one set after the other, before it answers a call with `done`. */
function wants(server: FakeMcp, ...rounds: Json[]): void {
  let round = 0
  server.misbehave = (seen, response) => {
    if (!['tools/call', 'prompts/get'].includes(seen.body.method)) return false
    const wanted = rounds[round++]
    const value = wanted
      ? { resultType: 'input_required', ...wanted }
      : { resultType: 'complete', content: [], done: true }
    return json(response, 200, result(seen, value))
  }
}

const asked = ({ host }: Pair, method: string): Promise<Json> =>
  host.message((message) => message.method === method && message.id !== undefined)

const say = ({ host }: Pair, { id }: Json, response: Json): void =>
  host.send({ jsonrpc: '2.0', id, ...response })

const CALL = request('tools/call', { name: 'echo', arguments: { a: 1 }, _meta: { progressToken: 'p' } }, 7)

describe('what a modern server wants to know in the middle of a call', () => {
  test('is asked of a legacy host, whose answer goes along when the call is made again', async () => {
    const both = await legacyHost()
    wants(both.server, { inputRequests: { name: ASK_NAME }, requestState: 'state "1"' })
    both.host.send(CALL)
    const question = await asked(both, 'elicitation/create')
    expect(question.params).toEqual(ASK_NAME.params)
    say(both, question, { result: ACCEPTED })
    expect((await both.host.answer(7)).result).toMatchObject({ resultType: 'complete', done: true })

    const [first, second] = both.server.bodies('tools/call')
    expect(second.id).not.toEqual(first.id)
    expect(second.params).toEqual({
      ...first.params,
      inputResponses: { name: ACCEPTED },
      requestState: 'state "1"',
    })
    expect(both.server.seen.at(-1)?.headers).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'echo',
    })
  })

  test('is asked all at once, each under an id of its own', async () => {
    const both = await legacyHost()
    wants(both.server, { inputRequests: { a: ASK_NAME, b: ASK_MODEL, c: ASK_ROOTS } })
    both.host.send(CALL)
    const questions = await Promise.all(
      ['roots/list', 'sampling/createMessage', 'elicitation/create'].map((method) => asked(both, method)),
    )
    expect(new Set(questions.map(({ id }) => id)).size).toBe(3)
    expect(questions[0].params).toBeUndefined()
    say(both, questions[0], { result: { roots: [] } })
    say(both, questions[1], { result: { role: 'assistant', model: 'm', content: [] } })
    say(both, questions[2], { result: { action: 'decline' } })
    await both.host.answer(7)
    const { params } = both.server.bodies('tools/call')[1]
    expect(params.inputResponses).toEqual({
      a: { action: 'decline' },
      b: { role: 'assistant', model: 'm', content: [] },
      c: { roots: [] },
    })
    expect(params).not.toHaveProperty('requestState')
  })

  test('may lead to another question, which knows nothing of the first', async () => {
    const both = await legacyHost()
    wants(
      both.server,
      { inputRequests: { name: ASK_NAME }, requestState: 'one' },
      { inputRequests: { roots: ASK_ROOTS } },
    )
    both.host.send(CALL)
    say(both, await asked(both, 'elicitation/create'), { result: ACCEPTED })
    say(both, await asked(both, 'roots/list'), { result: { roots: [] } })
    await both.host.answer(7)
    const { params } = both.server.bodies('tools/call')[2]
    expect(params.inputResponses).toEqual({ roots: { roots: [] } })
    expect(params).not.toHaveProperty('requestState')
  })

  test('needs no host where the server only puts the call off', async () => {
    const both = await legacyHost()
    wants(both.server, { requestState: 'later' })
    both.host.send(CALL)
    await both.host.answer(7)
    const { params } = both.server.bodies('tools/call')[1]
    expect(params.requestState).toBe('later')
    expect(params).not.toHaveProperty('inputResponses')
    expect(both.host.received.filter(({ method }) => method !== undefined)).toEqual([])
  })

  test('comes with the id that a legacy host expects of a question by URL', async () => {
    const both = await legacyHost()
    const params = { mode: 'url', message: 'Sign', url: 'https://example.com/' }
    wants(both.server, { inputRequests: { key: { method: 'elicitation/create', params } } })
    both.host.send(CALL)
    const question = await asked(both, 'elicitation/create')
    expect(question.params).toEqual({ ...params, elicitationId: expect.any(String) })
    say(both, question, { result: { action: 'accept' } })
    await both.host.answer(7)
    expect(both.server.bodies('tools/call')[1].params.inputResponses).toEqual({ key: { action: 'accept' } })
  })

  test('passes from a modern server to a modern host as it is', async () => {
    const { server, host } = await pair({ era: 'modern' })
    wants(server, { inputRequests: { name: ASK_NAME }, requestState: 's' })
    host.send(modernRequest('tools/call', { name: 'echo' }, 7))
    await host.answer(7)
    expect(host.lines.at(-1)).toBe(
      JSON.stringify({
        jsonrpc: '2.0',
        id: 7,
        result: { resultType: 'input_required', inputRequests: { name: ASK_NAME }, requestState: 's' },
      }),
    )
  })
})

describe('a call ends with words where the answer cannot be had', () => {
  const textOf = (answer: Json): string => answer.result.content[0].text

  test('because the host gave an error; what else was asked is called off', async () => {
    const both = await legacyHost()
    wants(both.server, { inputRequests: { a: ASK_MODEL, b: ASK_NAME } })
    both.host.send(CALL)
    const other = await asked(both, 'elicitation/create')
    say(both, await asked(both, 'sampling/createMessage'), { error: { code: -1, message: 'User rejected' } })
    const answer = await both.host.answer(7)
    expect(answer.result.isError).toBe(true)
    expect(textOf(answer)).toContain('User rejected')
    const cancelled = await both.host.message(({ method }) => method === 'notifications/cancelled')
    expect(cancelled.params.requestId).toBe(other.id)
    expect(both.server.bodies('tools/call')).toHaveLength(1)
  })

  test.each([
    ['elicitation', {}, ASK_NAME],
    ['elicitation', { sampling: {} }, ASK_NAME],
    ['elicitation.form', { elicitation: { url: {} } }, ASK_NAME],
    [
      'elicitation.url',
      { elicitation: {} },
      { ...ASK_NAME, params: { mode: 'url', message: 'x', url: 'https://example.com/' } },
    ],
    ['sampling', { elicitation: {} }, ASK_MODEL],
    ['sampling.tools', { sampling: {} }, { ...ASK_MODEL, params: { ...ASK_MODEL.params, tools: [] } }],
    ['roots', {}, ASK_ROOTS],
  ])('because the host did not declare %s: %j', async (capability, declared, question) => {
    const both = await legacyHost(declared)
    wants(both.server, { inputRequests: { key: question } })
    both.host.send(CALL)
    expect(textOf(await both.host.answer(7))).toContain(`did not declare the capability "${capability}"`)
    expect(both.host.received.filter(({ method }) => method !== undefined)).toEqual([])
  })

  test('because the protocol knows no such question', async () => {
    const both = await legacyHost()
    wants(both.server, { inputRequests: { key: { method: 'tools/list' } } })
    both.host.send(CALL)
    expect(textOf(await both.host.answer(7))).toContain('does not know')
  })

  test('because the server asks for nothing', async () => {
    const both = await legacyHost()
    wants(both.server, {})
    both.host.send(CALL)
    expect(textOf(await both.host.answer(7))).toContain('did not say for what')
  })

  test('because the server asks for too much at once', async () => {
    const both = await legacyHost()
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`k${at}`, ASK_ROOTS]))
    wants(both.server, { inputRequests: many })
    both.host.send(CALL)
    expect(textOf(await both.host.answer(7))).toContain('17 inputs at once')
  })

  test('because the server never has enough', async () => {
    const both = await legacyHost()
    wants(both.server, ...Array.from({ length: 20 }, () => ({ inputRequests: { roots: ASK_ROOTS } })))
    both.host.send(CALL)
    const answered = new Set()
    for (let round = 0; round < 10; round += 1) {
      const question = await both.host.message(
        ({ method, id }) => method === 'roots/list' && !answered.has(id),
      )
      answered.add(question.id)
      say(both, question, { result: { roots: [] } })
    }
    expect(textOf(await both.host.answer(7))).toContain('after 10 rounds')
    expect(both.server.bodies('tools/call')).toHaveLength(11)
  })

  test('because the host takes too long', async () => {
    const both = await legacyHost(EVERYTHING, { answerMs: 20 })
    wants(both.server, { inputRequests: { name: ASK_NAME } })
    both.host.send(CALL)
    expect(textOf(await both.host.answer(7))).toContain('was not answered within 0.02 s')
    const late = await asked(both, 'elicitation/create')
    say(both, late, { result: ACCEPTED })
    both.host.send(request('ping', undefined, 8))
    await both.host.answer(8)
    expect(both.server.seen.filter(({ body }) => body.id === late.id)).toEqual([])
  })

  test('as an error of the protocol where no tool was called', async () => {
    const both = await legacyHost({})
    wants(both.server, { inputRequests: { name: ASK_NAME } })
    both.host.send(request('prompts/get', { name: 'p' }, 7))
    expect((await both.host.answer(7)).error.message).toContain('did not declare')
  })
})

test('a host that cancels in the middle hears no more of the call, and its question is called off', async () => {
  const both = await legacyHost()
  wants(both.server, { inputRequests: { name: ASK_NAME }, requestState: 's' })
  both.host.send(CALL)
  const question = await asked(both, 'elicitation/create')
  both.host.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } })
  const cancelled = await both.host.message(({ method }) => method === 'notifications/cancelled')
  expect(cancelled.params.requestId).toBe(question.id)
  say(both, question, { result: ACCEPTED })
  both.host.send(request('ping', undefined, 8))
  await both.host.answer(8)
  expect(both.host.received.filter(({ id }) => id === 7)).toEqual([])
  expect(both.server.bodies('tools/call')).toHaveLength(1)
})

test('a host that cancels a later round closes its connection', async () => {
  const both = await legacyHost()
  both.server.misbehave = (seen, response) => {
    if (seen.body.method !== 'tools/call') return false
    if (seen.body.params.inputResponses) return events(response, [], false)
    const value = { resultType: 'input_required', inputRequests: { name: ASK_NAME } }
    return json(response, 200, result(seen, value))
  }
  both.host.send(CALL)
  say(both, await asked(both, 'elicitation/create'), { result: ACCEPTED })
  await expect.poll(() => both.server.bodies('tools/call')).toHaveLength(2)
  both.host.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } })
  await expect.poll(() => both.server.closed).toBe(1)
  expect(both.server.bodies('notifications/cancelled')).toEqual([])
})

test('a token that has run out while a person thought is renewed', async () => {
  const door = closedDoor('old')
  const slow = async (refusal: Parameters<typeof door.challenged>[0]) => {
    await new Promise((resolve) => setTimeout(resolve, 30))
    return door.challenged(refusal)
  }
  let token = 'old'
  const both = await pair(
    { era: 'modern', token: () => token },
    { session: { ...door, token: () => door.token(), challenged: slow }, patienceMs: 300 },
  )
  const opening = initialize('init')
  both.host.send({ ...opening, params: { ...opening.params, capabilities: EVERYTHING } })
  await both.host.answer('init')
  const asks = (value: Json) => {
    both.server.misbehave = (seen, response) =>
      seen.body.method === 'tools/call' && seen.headers.authorization === `Bearer ${token}`
        ? json(response, 200, result(seen, value))
        : false
  }
  asks({ resultType: 'input_required', inputRequests: { name: ASK_NAME } })
  both.host.send(CALL)
  const question = await asked(both, 'elicitation/create')
  await new Promise((resolve) => setTimeout(resolve, 400))
  token = 'new'
  door.renewed = 'new'
  asks({ resultType: 'complete', done: true })
  say(both, question, { result: ACCEPTED })
  expect((await both.host.answer(7)).result.done).toBe(true)
})

test('a modern server that sends a request anyway is not heard', async () => {
  const both = await legacyHost()
  both.server.misbehave = (seen, response) => {
    if (seen.body.method !== 'tools/call') return false
    return events(response, [
      { jsonrpc: '2.0', id: 'x', ...ASK_ROOTS },
      result(seen, { resultType: 'complete' }),
    ])
  }
  both.host.send(CALL)
  await both.host.answer(7)
  expect(both.host.received.map(({ id }) => id)).toEqual(['init', 7])
})
