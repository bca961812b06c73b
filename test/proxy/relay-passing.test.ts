import { expect, test } from 'vitest'
import { initialize, modernRequest, request } from '../helpers/bridge.js'
import { events, json, result } from '../helpers/fake-mcp.js'
import { pairs } from '../helpers/pair.js'

const pair = pairs()

test('sends the very bytes of the line', async () => {
  const { server, host } = await pair()
  const line =
    '{ "jsonrpc":"2.0",  "id":1, "method":"x/unheard-of","params":{"n":12345678901234567890,"s":"\\u00e9é"},"extra":[1.0] }'
  host.send(line)
  await host.answer(1)
  expect(server.seen[0]?.text).toBe(line)
})

test('returns the very bytes of a JSON reply, fields and numbers it does not know included', async () => {
  const { server, host } = await pair()
  const body =
    '{"jsonrpc":"2.0", "id":1,"result":{"content":[{"type":"hologram","n":12345678901234567890}],"é":"\\u00e9"},"x":1.0}'
  server.misbehave = (_, response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  host.send(request('tools/call', { name: 'echo' }, 1))
  await host.answer(1)
  expect(host.lines).toEqual([body])
})

test('puts a pretty-printed reply on one line and changes nothing else in it', async () => {
  const { server, host } = await pair()
  const body =
    '{\n  "jsonrpc": "2.0",\r\n  "id": 1,\n  "result": { "text": "a\\nb", "n": 12345678901234567890 }\n}\n'
  server.misbehave = (_, response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  host.send(request('tools/call', { name: 'echo' }, 1))
  await host.answer(1)
  expect(host.lines).toEqual([body.replace(/[\r\n]/g, ' ')])
})

test('passes an error of the server with its own members and its HTTP status unseen', async () => {
  const { server, host } = await pair()
  const error = { code: -32099, message: 'own', data: { a: 1 }, hint: 'kept' }
  server.misbehave = ({ body }, response) => json(response, 404, { jsonrpc: '2.0', id: body.id, error })
  host.send(request('tools/call', { name: 'echo' }, 1))
  expect((await host.answer(1)).error).toEqual(error)
})

test('passes a server request in a stream and the host’s answer to it', async () => {
  const { server, host } = await pair()
  const asked = { jsonrpc: '2.0', id: 'q', method: 'sampling/createMessage', params: { x: 1 } }
  server.misbehave = (seen, response) => {
    if (seen.body.method !== 'tools/call') return void response.writeHead(202).end()
    events(response, [asked], false)
    const wait = setInterval(() => {
      if (!server.seen.some(({ body }) => body.id === 'q')) return
      clearInterval(wait)
      events(response, [result(seen, { ok: true })])
    }, 5)
  }
  host.send(request('tools/call', { name: 'echo' }, 1))
  expect(await host.message(({ method }) => method === 'sampling/createMessage')).toEqual(asked)
  const answer = { jsonrpc: '2.0', id: 'q', result: { role: 'assistant', extra: true } }
  host.send(answer)
  expect((await host.answer(1)).result).toEqual({ ok: true })
  expect(server.seen.at(-1)?.body).toEqual(answer)
})

test('never passes a server request to a modern host', async () => {
  const { server, host } = await pair()
  server.misbehave = (seen, response) =>
    events(response, [
      { jsonrpc: '2.0', id: 'q', method: 'sampling/createMessage' },
      result(seen, { resultType: 'complete' }),
    ])
  host.send(modernRequest('tools/call', { name: 'echo' }, 1))
  await host.answer(1)
  expect(host.received).toHaveLength(1)
})

test('passes notifications of a stream before its answer, in order', async () => {
  const { server, host } = await pair()
  const progress = (n: number) => ({
    jsonrpc: '2.0',
    method: 'notifications/progress',
    params: { progress: n, odd: 'é' },
  })
  server.misbehave = (seen, response) => events(response, [progress(1), progress(2), result(seen, {})])
  host.send(request('tools/call', { name: 'echo' }, 1))
  await host.answer(1)
  expect(host.received.slice(0, 2)).toEqual([progress(1), progress(2)])
})

test('puts characters together that the network cut in two', async () => {
  const { server, host } = await pair()
  server.misbehave = (seen, response) => {
    const bytes = Buffer.from(`data: ${JSON.stringify(result(seen, { text: '世界🎉' }))}\r\n\r\n`)
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    let at = 0
    const next = () => {
      if (at === bytes.length) return void response.end()
      response.write(bytes.subarray(at, at + 1))
      at += 1
      setImmediate(next)
    }
    next()
  }
  host.send(request('tools/call', { name: 'echo' }, 1))
  expect((await host.answer(1)).result).toEqual({ text: '世界🎉' })
})

test('passes a batch as one and answers each of its requests', async () => {
  const { server, host } = await pair()
  server.misbehave = (seen, response) =>
    json(
      response,
      200,
      seen.body
        .filter((one: { id?: number }) => one.id)
        .map(({ id }: { id: number }) => ({ jsonrpc: '2.0', id, result: {} })),
    )
  const batch = [
    request('ping', undefined, 1),
    { jsonrpc: '2.0', method: 'notifications/x' },
    request('ping', undefined, 2),
  ]
  host.send(JSON.stringify(batch))
  const answer = await host.message(Array.isArray)
  expect(answer.map(({ id }: { id: number }) => id)).toEqual([1, 2])
  expect(server.seen[0]?.text).toBe(JSON.stringify(batch))
})

test('answers every request of a batch that the server refuses as a whole', async () => {
  const { server, host } = await pair()
  server.misbehave = (_, response) =>
    json(response, 400, { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'no batches' } })
  host.send(JSON.stringify([request('ping', undefined, 1), request('ping', undefined, 2)]))
  expect((await host.answer(1)).error.message).toBe('no batches')
  expect((await host.answer(2)).error.message).toBe('no batches')
})

test('answers a line that is no JSON with a parse error, and goes on', async () => {
  const { host } = await pair()
  host.send('{"jsonrpc":')
  expect((await host.answer(null)).error.code).toBe(-32700)
  host.send(request('ping', undefined, 1))
  expect((await host.answer(1)).result).toEqual({})
})

test('refuses a message over 8 MiB by its own id, wherever that stands', async () => {
  const { server, host } = await pair()
  const text = 'x"id":5'.repeat(1_300_000)
  host.send(
    `{"jsonrpc":"2.0","method":"tools/call","params":{"id":7,"text":${JSON.stringify(text)}},"id":"late"}`,
  )
  const { error } = await host.answer('late')
  expect(error.message).toContain('8 MiB')
  expect(server.seen).toEqual([])
})

test('passes a message of 7 MiB both ways', async () => {
  const { host } = await pair()
  const text = 'é'.repeat(3_500_000)
  host.send(request('tools/call', { name: 'echo', arguments: { text } }, 1))
  expect((await host.answer(1)).result.content[0].text).toBe(text)
})

test('keeps the answers of many calls apart', async () => {
  const { server, host } = await pair()
  server.misbehave = (seen, response) => {
    if (seen.body.method !== 'tools/call') return false
    setTimeout(
      () => json(response, 200, result(seen, { text: seen.body.params.arguments.text })),
      Math.random() * 20,
    )
  }
  host.send(initialize(0))
  await host.answer(0)
  for (let id = 1; id <= 100; id++)
    host.send(request('tools/call', { name: 'echo', arguments: { text: `t${id}` } }, id))
  for (let id = 1; id <= 100; id++) expect((await host.answer(id)).result.text).toBe(`t${id}`)
  expect(host.received).toHaveLength(101)
})

test('tells a host that sends more than it can answer', async () => {
  const { server, host } = await pair()
  server.misbehave = () => {}
  for (let id = 1; id <= 1001; id++) host.send(request('tools/call', { name: 'echo' }, id))
  expect((await host.answer(1001)).error.message).toContain('1000 messages')
})
