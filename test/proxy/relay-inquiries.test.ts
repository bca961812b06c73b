import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { type Asking, asksInCalls } from '../helpers/asking.js'
import { META, modernRequest, request } from '../helpers/bridge.js'
import { events, type Json, json, result } from '../helpers/fake-mcp.js'
import { type Pair, pairs } from '../helpers/pair.js'

const pair = pairs()
const CAPABILITIES = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} }
const PARAMS = { message: 'Who?', requestedSchema: { type: 'object', properties: {} } }
const ASK_NAME = { jsonrpc: '2.0', id: 'q1', method: 'elicitation/create', params: PARAMS }
const ASK_ROOTS = { jsonrpc: '2.0', id: 2, method: 'roots/list' }
/** Shows that all that was said before it has been heard. */
const MARK = { jsonrpc: '2.0', method: 'x/mark' }
const ACCEPTED = { action: 'accept', content: { name: 'Ada' } }

/** What a modern host that can be asked these sends. */
const modern = (method: string, params: Json, id: number, capabilities: Json = CAPABILITIES): Json => {
  const meta = { ...META, 'io.modelcontextprotocol/clientCapabilities': capabilities, ...params._meta }
  return request(method, { ...params, _meta: meta }, id)
}
const call = (id: number, more: Json = {}): Json => modern('tools/call', { name: 'echo', ...more }, id)

/** A modern host in front of a legacy server that asks these in each call. */
async function inquiring(questions: Json[], options: Json = {}): Promise<Pair & { asking: Asking }> {
  const { capabilities = CAPABILITIES, ...more } = options
  const both = await pair({ era: 'legacy', sessions: new Set() }, more)
  both.host.send(modern('server/discover', {}, 1, capabilities))
  await both.host.answer(1)
  return { ...both, asking: asksInCalls(both.server, ...questions) }
}

test('a legacy server is told what the modern host can be asked, and nothing else', async () => {
  const { server } = await inquiring([], {
    capabilities: { roots: { listChanged: true }, elicitation: {}, extensions: { x: {} } },
  })
  expect(server.bodies('initialize')[0].params.capabilities).toEqual({ roots: {}, elicitation: {} })
})

describe('what a legacy server asks in the middle of a call', () => {
  test('becomes the answer of a modern host’s call, and its retry goes on with it', async () => {
    const { server, host, asking } = await inquiring([ASK_NAME])
    host.send(call(5))
    const { result: asked } = await host.answer(5)
    expect(asked).toEqual({
      resultType: 'input_required',
      inputRequests: { 'input-1': { method: 'elicitation/create', params: PARAMS } },
      requestState: expect.stringMatching(/^[\w-]{43}$/),
    })
    host.send(call(6, { inputResponses: { 'input-1': ACCEPTED }, requestState: asked.requestState }))
    const { result: done } = await host.answer(6)
    expect(done).toEqual({ resultType: 'complete', content: [], answers: asking.answers })
    expect(asking.answers).toEqual([{ jsonrpc: '2.0', id: 'q1', result: ACCEPTED }])
    const answer = server.seen.find(({ body }) => body.id === 'q1')
    expect(answer?.headers).toMatchObject({ 'mcp-session-id': 's1', 'mcp-protocol-version': '2025-11-25' })
    expect(answer?.headers).not.toHaveProperty('mcp-method')
    expect(server.bodies('tools/call')).toHaveLength(1)
  })

  test('is asked together where it came together', async () => {
    const { host, asking } = await inquiring([ASK_NAME, ASK_ROOTS])
    host.send(call(5))
    const { result: asked } = await host.answer(5)
    expect(asked.inputRequests['input-2']).toEqual({ method: 'roots/list' })
    const inputResponses = { 'input-1': ACCEPTED, 'input-2': { roots: [] } }
    host.send(call(6, { inputResponses, requestState: asked.requestState }))
    await host.answer(6)
    expect(asking.answers.map(({ id }) => id).sort()).toEqual([2, 'q1'])
  })

  test('is asked again where the retry leaves it out or gives no result', async () => {
    const { host, asking } = await inquiring([ASK_NAME, ASK_ROOTS])
    host.send(call(5))
    const first = (await host.answer(5)).result
    const inputResponses = { 'input-1': ACCEPTED, 'input-2': 'no' }
    host.send(call(6, { inputResponses, requestState: first.requestState }))
    const second = (await host.answer(6)).result
    expect(Object.keys(second.inputRequests)).toEqual(['input-2'])
    expect(second.requestState).not.toBe(first.requestState)
    const rest = { inputResponses: { 'input-2': { roots: [] } }, requestState: second.requestState }
    host.send(call(7, rest))
    expect((await host.answer(7)).result.answers).toEqual(asking.answers)
  })

  test('may be followed by another question on the same stream', async () => {
    const { server, host, asking } = await inquiring([ASK_NAME])
    asking.finish = () => asking.say({ ...ASK_ROOTS, id: 'q2' })
    host.send(call(5))
    const first = (await host.answer(5)).result
    host.send(call(6, { inputResponses: { 'input-1': ACCEPTED }, requestState: first.requestState }))
    const second = (await host.answer(6)).result
    expect(second.inputRequests).toEqual({ 'input-2': { method: 'roots/list' } })
    host.send(call(7, { inputResponses: { 'input-2': { roots: [] } }, requestState: second.requestState }))
    await expect.poll(() => asking.answers).toHaveLength(2)
    asking.say(result(asking.seen, { end: true }))
    expect((await host.answer(7)).result).toEqual({ resultType: 'complete', end: true })
    expect(server.bodies('tools/call')).toHaveLength(1)
  })

  test('leaves out the id of a question by URL, which modern hosts do not know', async () => {
    const params = { mode: 'url', message: 'Sign', url: 'https://example.com/', elicitationId: 'e' }
    const { host } = await inquiring([{ ...ASK_NAME, params }])
    host.send(call(5))
    const { inputRequests } = (await host.answer(5)).result
    expect(inputRequests['input-1'].params).toEqual({
      mode: 'url',
      message: 'Sign',
      url: 'https://example.com/',
    })
  })

  test('may come on the server’s own stream, while the call has no reply yet', async () => {
    const { server, host } = await pair({ era: 'legacy', sessions: new Set() })
    let [own, reply]: ServerResponse[] = []
    let callId: unknown
    server.misbehave = (seen, response) => {
      if (seen.method === 'GET') {
        own = response
        return events(response, [], false)
      }
      if (seen.body.method === undefined && seen.method === 'POST') {
        response.writeHead(202).end()
        return json(reply as ServerResponse, 200, { jsonrpc: '2.0', id: callId, result: seen.body.result })
      }
      if (seen.body.method !== 'tools/call' || seen.headers['mcp-protocol-version'] === '2026-07-28')
        return false
      callId = seen.body.id
      reply = response
      return events(own as ServerResponse, [ASK_NAME], false)
    }
    host.send(modern('server/discover', {}, 1))
    await host.answer(1)
    await expect.poll(() => own).toBeDefined()
    host.send(call(5))
    const { requestState } = (await host.answer(5)).result
    host.send(call(6, { inputResponses: { 'input-1': ACCEPTED }, requestState }))
    expect((await host.answer(6)).result).toEqual({ resultType: 'complete', ...ACCEPTED })
  })

  test('is no longer asked for once the server has taken it back', async () => {
    const { host, asking } = await inquiring([ASK_NAME])
    host.send(call(5))
    const { requestState } = (await host.answer(5)).result
    asking.say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'q1' } })
    asking.say(result(asking.seen, { content: [], alone: true }), MARK)
    await host.message(({ method }) => method === 'x/mark')
    host.send(call(6, { inputResponses: { 'input-1': ACCEPTED }, requestState }))
    expect((await host.answer(6)).result.alone).toBe(true)
    expect(asking.answers).toEqual([])
  })

  test('outlasts a server that is silent while a person thinks', async () => {
    const { host } = await inquiring([ASK_NAME], { callTimeoutMs: 200 })
    host.send(call(5))
    const { requestState } = (await host.answer(5)).result
    await new Promise((resolve) => setTimeout(resolve, 500))
    host.send(call(6, { inputResponses: { 'input-1': ACCEPTED }, requestState }))
    expect((await host.answer(6)).result.answers).toHaveLength(1)
  })
})

test('a stream that the server ends while the host is asked is taken up again', async () => {
  const { server, host } = await pair({ era: 'legacy' })
  let [resumed, id]: [ServerResponse | undefined, unknown] = [undefined, undefined]
  server.misbehave = (seen, response) => {
    if (seen.method === 'GET' && seen.headers['last-event-id'] === 'e1') {
      resumed = response
      return events(response, [], false)
    }
    if (seen.body.id === 'q1') {
      events(resumed as ServerResponse, [{ jsonrpc: '2.0', id, result: seen.body.result }])
      return response.writeHead(202).end()
    }
    if (seen.body.method !== 'tools/call' || seen.headers['mcp-protocol-version'] === '2026-07-28')
      return false
    id = seen.body.id
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    return response.end(`id: e1\nretry: 10\ndata: ${JSON.stringify(ASK_NAME)}\n\n`)
  }
  host.send(modern('server/discover', {}, 1))
  await host.answer(1)
  host.send(call(5))
  const { requestState } = (await host.answer(5)).result
  await expect.poll(() => resumed, { timeout: 3_000 }).toBeDefined()
  host.send(call(6, { inputResponses: { 'input-1': ACCEPTED }, requestState }))
  expect((await host.answer(6)).result).toEqual({ resultType: 'complete', ...ACCEPTED })
})

describe('a requestState', () => {
  const asked = async (options: Json = {}) => {
    const both = await inquiring([ASK_NAME], options)
    both.host.send(call(5))
    const { requestState } = (await both.host.answer(5)).result
    return { ...both, retry: { inputResponses: { 'input-1': ACCEPTED }, requestState } }
  }
  const EXPIRED = expect.stringContaining('unknown, used or expired')

  test('is refused where the bridge never gave it', async () => {
    const { server, host } = await asked()
    host.send(call(6, { requestState: 'made up' }))
    expect((await host.answer(6)).error).toEqual({ code: -32602, message: EXPIRED })
    expect(server.bodies('tools/call')).toHaveLength(1)
  })

  test.each([[7], [null], [{}], [['x']]])('is refused where it is no string: %j', async (requestState) => {
    const { host } = await asked()
    host.send(call(6, { requestState }))
    expect((await host.answer(6)).error.code).toBe(-32602)
  })

  test('is good for one retry', async () => {
    const { host, retry, asking } = await asked()
    host.send(call(6, retry))
    host.send(call(7, retry))
    expect((await host.answer(7)).error.message).toEqual(EXPIRED)
    await host.answer(6)
    expect(asking.answers).toHaveLength(1)
  })

  test.each([
    ['tool', 'tools/call', { name: 'other' }],
    ['method', 'prompts/get', { name: 'echo' }],
  ])('is refused with another %s', async (_, method, params) => {
    const { host, retry, asking } = await asked()
    host.send(modern(method, { ...params, ...retry }, 6))
    expect((await host.answer(6)).error.message).toEqual(EXPIRED)
    expect(asking.answers).toEqual([])
  })

  test('expires, and then the server hears that nobody answers', async () => {
    const { server, host, retry, asking } = await asked({ answerMs: 50 })
    asking.finish = () => {}
    await expect.poll(() => server.closed).toBe(1)
    await expect.poll(() => server.bodies('notifications/cancelled')).toHaveLength(1)
    expect(server.bodies('notifications/cancelled')[0].params.requestId).toBe(5)
    expect(server.seen.find(({ body }) => body.id === 'q1')?.body.error.message).toContain('no answer')
    host.send(call(6, retry))
    expect((await host.answer(6)).error.message).toEqual(EXPIRED)
  })

  test('is worth nothing once the server’s stream has broken', async () => {
    const { host, retry, asking } = await asked()
    asking.cut()
    host.send(call(6, retry))
    expect((await host.answer(6)).error).toBeDefined()
  })

  test('gives way to later ones where too many are open', async () => {
    const { server, host, retry } = await asked()
    for (let id = 10; id < 42; id += 1) {
      host.send(call(id))
      await host.answer(id)
    }
    await expect.poll(() => server.closed).toBe(1)
    host.send(call(6, retry))
    expect((await host.answer(6)).error.message).toEqual(EXPIRED)
  })
})

describe('a legacy server that asks what it may not hears why', () => {
  const refused = async (question: Json, options: Json = {}, method = 'tools/call') => {
    const { server, host, asking } = await inquiring([question], options)
    if (method === 'tools/list') {
      const asks = server.misbehave
      server.misbehave = (seen, response) =>
        seen.body.method === 'tools/list'
          ? events(response, [question, result(seen, { tools: [] })])
          : asks?.(seen, response)
    }
    host.send(modern(method, { name: 'echo' }, 5, options.capabilities))
    await host.answer(5)
    await expect.poll(() => asking.answers).toHaveLength(1)
    return asking.answers[0]
  }

  test('a ping is answered', async () => {
    expect(await refused({ jsonrpc: '2.0', id: 'q', method: 'ping' })).toEqual({
      jsonrpc: '2.0',
      id: 'q',
      result: {},
    })
  })

  test.each([
    ['a method that hosts do not know', -32601, { ...ASK_ROOTS, method: 'x/y' }, {}],
    ['what the host did not declare', -32601, ASK_ROOTS, { capabilities: { sampling: {} } }],
    [
      'a mode that the host did not declare',
      -32602,
      { ...ASK_NAME, params: { mode: 'url' } },
      { capabilities: { elicitation: {} } },
    ],
  ])('%s: %i', async (_, code, question, options) => {
    expect((await refused(question, options)).error.code).toBe(code)
  })

  test('anything in the course of a request that cannot be answered with a question', async () => {
    expect((await refused(ASK_ROOTS, {}, 'tools/list')).error.message).toContain('only in the course of')
  })
})

describe('a legacy server that sends the person to an address first, by an error', () => {
  const URL_REQUEST = { mode: 'url', message: 'Sign', url: 'https://example.com/' }
  const required = async (
    capabilities: Json,
    elicitations: Json = [{ ...URL_REQUEST, elicitationId: 'e' }],
  ) => {
    const both = await inquiring([], { capabilities })
    both.server.misbehave = (seen, response) => {
      const error = { code: -32042, message: 'first', data: { elicitations } }
      return json(response, 200, { jsonrpc: '2.0', id: seen.body.id, error })
    }
    both.host.send(modern('tools/call', { name: 'echo' }, 5, capabilities))
    return { ...both, answer: await both.host.answer(5) }
  }
  const BY_URL = { elicitation: { url: {} } }

  test('asks a modern host in its own words, and is called again by the retry', async () => {
    const { server, host, answer } = await required(BY_URL)
    expect(answer.result).toEqual({
      resultType: 'input_required',
      inputRequests: { 'url-1': { method: 'elicitation/create', params: URL_REQUEST } },
    })
    server.misbehave = undefined
    const inputResponses = { 'url-1': { action: 'accept' } }
    host.send(modern('tools/call', { name: 'echo', arguments: { text: 'a' }, inputResponses }, 6))
    expect((await host.answer(6)).result.content[0].text).toBe('a')
  })

  test.each(['decline', 'cancel'])('is not called again after %s', async (action) => {
    const { server, host } = await required(BY_URL)
    host.send(modern('tools/call', { name: 'echo', inputResponses: { 'url-1': { action } } }, 6))
    expect((await host.answer(6)).result.content[0].text).toContain('declined')
    expect(server.bodies('tools/call')).toHaveLength(1)
  })

  test.each([
    ['the host did not declare that', { elicitation: {} }, [URL_REQUEST]],
    ['it names no address', BY_URL, []],
    ['it is not what the protocol says', BY_URL, 'x'],
  ])('is passed on where %s', async (_, capabilities, elicitations) => {
    expect((await required(capabilities, elicitations)).answer.error.code).toBe(-32042)
  })
})

test('a retry that the host cancels is cancelled at the server, under the id that the server knows', async () => {
  const { server, host, asking } = await inquiring([ASK_NAME])
  asking.finish = () => {}
  host.send(call(5))
  const { requestState } = (await host.answer(5)).result
  host.send(call(6, { inputResponses: { 'input-1': ACCEPTED }, requestState }))
  await expect.poll(() => asking.answers).toHaveLength(1)
  host.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 6 } })
  await expect.poll(() => server.closed).toBe(1)
  await expect.poll(() => server.bodies('notifications/cancelled')).toHaveLength(1)
  expect(server.bodies('notifications/cancelled')[0].params.requestId).toBe(5)
  host.send(modernRequest('tools/list', {}, 8))
  await host.answer(8)
  expect(host.received.filter(({ id }) => id === 6)).toEqual([])
})

test('a call that the host cancels is cancelled at the server', async () => {
  const { server, host } = await inquiring([])
  host.send(call(5))
  await expect.poll(() => server.bodies('tools/call')).toHaveLength(1)
  host.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 5 } })
  await expect.poll(() => server.bodies('notifications/cancelled')).toHaveLength(1)
  expect(server.bodies('notifications/cancelled')[0].params.requestId).toBe(5)
  await expect.poll(() => server.closed).toBe(1)
})

test('a server that refuses the answer ends the call with words', async () => {
  const { server, host } = await inquiring([ASK_NAME])
  const asks = server.misbehave
  server.misbehave = (seen, response) =>
    seen.body.id === 'q1' ? response.writeHead(400).end() : asks?.(seen, response)
  host.send(call(5))
  const { requestState } = (await host.answer(5)).result
  host.send(call(6, { inputResponses: { 'input-1': ACCEPTED }, requestState }))
  expect((await host.answer(6)).result.content[0].text).toContain('HTTP 400')
})

test('progress names the token of the retry, and none comes while the host is asked', async () => {
  const { host, asking } = await inquiring([ASK_NAME])
  const progress = (at: number) => ({
    jsonrpc: '2.0',
    method: 'notifications/progress',
    params: { progressToken: 'first', progress: at },
  })
  host.send(call(5, { _meta: { progressToken: 'first' } }))
  const { requestState } = (await host.answer(5)).result
  asking.say(progress(1), MARK)
  await host.message(({ method }) => method === 'x/mark')
  asking.finish = () => asking.say(progress(2), result(asking.seen, { content: [] }))
  const retry = { inputResponses: { 'input-1': ACCEPTED }, requestState }
  host.send(call(6, { ...retry, _meta: { progressToken: 'second' } }))
  await host.answer(6)
  expect(host.received.filter(({ method }) => method === 'notifications/progress')).toEqual([
    { ...progress(2), params: { progressToken: 'second', progress: 2 } },
  ])
})
