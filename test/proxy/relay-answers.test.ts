import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { modernRequest, request } from '../helpers/bridge.js'
import { events, json, result, type Seen } from '../helpers/fake-mcp.js'
import { pairs } from '../helpers/pair.js'

const pair = pairs()
const html = (response: ServerResponse, status: number) =>
  void response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>secret page</h1>')

function cutAfter(response: ServerResponse, text: string): void {
  response.write(text)
  setTimeout(() => response.destroy(), 10)
}

interface Row {
  name: string
  reply(seen: Seen, response: ServerResponse): unknown
  contains: string
}

const ROWS: Row[] = [
  { name: '401', reply: (_, r) => void r.writeHead(401).end(), contains: 'There is no login here' },
  { name: '403', reply: (_, r) => html(r, 403), contains: 'HTTP 403' },
  { name: '404', reply: (_, r) => html(r, 404), contains: 'check the address' },
  { name: '405', reply: (_, r) => void r.writeHead(405).end(), contains: 'does not take POST' },
  {
    name: '429 with a time',
    reply: (_, r) => void r.writeHead(429, { 'retry-after': '7' }).end(),
    contains: 'after 7 s',
  },
  { name: '500', reply: (_, r) => html(r, 500), contains: 'HTTP 500' },
  { name: '502 without a body', reply: (_, r) => void r.writeHead(502).end(), contains: 'try again later' },
  {
    name: 'a redirect',
    reply: (_, r) => void r.writeHead(307, { location: 'https://elsewhere.example/' }).end(),
    contains: 'https://elsewhere.example/',
  },
  { name: '200 with HTML', reply: (_, r) => html(r, 200), contains: 'text/html' },
  {
    name: '200 with an empty body',
    reply: (_, r) => void r.writeHead(200, { 'content-type': 'application/json' }).end(),
    contains: 'without an answer',
  },
  {
    name: 'half of a JSON body',
    reply: (_, r) =>
      void r.writeHead(200, { 'content-type': 'application/json' }).end('{"jsonrpc":"2.0","id":1,"res'),
    contains: 'without an answer',
  },
  {
    name: 'a body cut by the network',
    reply: (_, r) =>
      cutAfter(r.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' }), '{"json'),
    contains: 'broke before the answer',
  },
  {
    name: 'a connection closed without a reply',
    reply: (_, r) => void r.destroy(),
    contains: 'broke before the answer',
  },
  { name: '202 to a request', reply: (_, r) => void r.writeHead(202).end(), contains: 'answered 202' },
  { name: '204 to a request', reply: (_, r) => void r.writeHead(204).end(), contains: 'answered 204' },
  {
    name: 'a stream that ends without the reply',
    reply: (_, r) => events(r, [{ jsonrpc: '2.0', method: 'notifications/progress' }]),
    contains: 'without an answer',
  },
  {
    name: 'a stream cut by the network',
    reply: (_, r) => cutAfter(r.writeHead(200, { 'content-type': 'text/event-stream' }), 'data: {"jso'),
    contains: 'broke before the answer',
  },
  {
    name: 'an answer to another request',
    reply: (_, r) => json(r, 200, { jsonrpc: '2.0', id: 'other', result: {} }),
    contains: 'without an answer',
  },
  { name: 'a JSON string', reply: (_, r) => json(r, 200, 'hello'), contains: 'without an answer' },
  {
    name: 'an error that names no request',
    reply: (_, r) =>
      json(r, 400, { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'their words' } }),
    contains: 'their words',
  },
  {
    name: 'an error without an id',
    reply: (_, r) => json(r, 403, { jsonrpc: '2.0', error: { code: -32000, message: 'their words' } }),
    contains: 'their words',
  },
  { name: 'silence', reply: () => {}, contains: 'sent nothing for 0.3 s' },
  {
    name: 'silence after the headers',
    reply: (_, r) => void r.writeHead(200, { 'content-type': 'application/json' }).flushHeaders(),
    contains: 'sent nothing for 0.3 s',
  },
  { name: 'silence in a stream', reply: (_, r) => events(r, [], false), contains: 'sent nothing for 0.3 s' },
]

test.each(ROWS)('answers once: $name', async ({ reply, contains }) => {
  const { server, host } = await pair({}, { callTimeoutMs: 300 })
  server.misbehave = reply
  host.send(request('tools/call', { name: 'echo' }, 1))
  const answer = await host.answer(1)
  expect(JSON.stringify(answer)).toContain(contains)
  expect(JSON.stringify(answer)).not.toContain('secret page')
  server.misbehave = undefined
  host.send(request('tools/call', { name: 'echo' }, 2))
  await host.answer(2)
  expect(host.received.map(({ id }) => id).filter((id) => id !== undefined)).toEqual([1, 2])
})

test.each(ROWS)('answers once in the modern era: $name', async ({ reply }) => {
  const { server, host } = await pair({}, { callTimeoutMs: 300 })
  server.misbehave = reply
  host.send(modernRequest('resources/read', { uri: 'a:b' }, 1))
  expect(await host.answer(1)).toHaveProperty('error')
  server.misbehave = undefined
  host.send(modernRequest('tools/call', { name: 'echo' }, 2))
  await host.answer(2)
  expect(host.received.map(({ id }) => id).filter((id) => id !== undefined)).toEqual([1, 2])
})

test('answers a call to a server that is not there, and works once it is', async () => {
  const { server, host } = await pair()
  await server.close()
  host.send(request('tools/call', { name: 'echo' }, 1))
  expect((await host.answer(1)).error.message).toContain('refuses connections')
})

test('refuses a JSON reply over 8 MiB and keeps none of it', async () => {
  const { server, host } = await pair()
  server.misbehave = (seen, response) => json(response, 200, result(seen, { text: 'x'.repeat(9_000_000) }))
  host.send(request('tools/call', { name: 'echo' }, 1))
  expect((await host.answer(1)).error.message).toContain('larger than 8 MiB')
})

test('refuses an event over 8 MiB', async () => {
  const { server, host } = await pair()
  server.misbehave = (seen, response) => events(response, [result(seen, { text: 'x'.repeat(9_000_000) })])
  host.send(request('tools/call', { name: 'echo' }, 1))
  expect((await host.answer(1)).error.message).toContain('larger than 8 MiB')
})

test('lets a call take longer than the limit as long as the server is not silent', async () => {
  const { server, host } = await pair({}, { callTimeoutMs: 300 })
  server.misbehave = (seen, response) => {
    events(response, [], false)
    let left = 8
    const beat = setInterval(() => {
      response.write(': still here\n\n')
      left -= 1
      if (left > 0) return
      clearInterval(beat)
      events(response, [result(seen, { done: true })])
    }, 80)
  }
  host.send(request('tools/call', { name: 'echo' }, 1))
  expect((await host.answer(1)).result).toEqual({ done: true })
})

test('does not send a call again that the server may have seen', async () => {
  const { server, host } = await pair()
  host.send(request('tools/call', { name: 'echo' }, 1))
  await host.answer(1)
  server.misbehave = (_, response) => void response.destroy()
  host.send(request('tools/call', { name: 'echo' }, 2))
  await host.answer(2)
  expect(server.bodies('tools/call')).toHaveLength(2)
})
