import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ZukoError } from '../../src/errors.js'
import { createRateLimit } from '../../src/serve/rate-limit.js'
import { defineTool, type Tool } from '../../src/tools/define.js'
import { rpc, START, startEndpoint, type TestEndpoint } from '../helpers/endpoint.js'
import { send } from '../helpers/http.js'

let at: TestEndpoint
afterEach(() => at.close())

/** A tool of a test's own: it answers `{}` once `work` has settled. */
const tool = (name: string, work: () => Promise<unknown>): Tool =>
  defineTool({
    name,
    title: name,
    description: name,
    scope: 'tasks:read',
    input: z.strictObject({ text: z.string().optional() }),
    output: z.object({}),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    run: async () => {
      await work()
      return {}
    },
  })

function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

const organizations = rpc('modern', 'tools/call', { name: 'list_organizations' })

describe('many callers at once', () => {
  test('each of 200 with the same JSON-RPC id gets its own answer', async () => {
    at = await startEndpoint()
    const tokens = [await at.token(at.ada), await at.token(at.grace)]
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => {
        const era = index % 4 < 2 ? 'legacy' : 'modern'
        return at.ask(rpc(era, 'tools/call', { name: 'list_organizations' }), tokens[index % 2])
      }),
    )
    const [acme, globex] = ['Acme', 'Globex'].map((name) => answers.filter(({ text }) => text.includes(name)))
    expect(acme).toEqual(answers.filter((_, index) => index % 2 === 0))
    expect(globex).toEqual(answers.filter((_, index) => index % 2 === 1))
    expect(at.endpoint.active()).toBe(0)
  })
})

describe('the rate of one person', () => {
  const start = async () => {
    at = await startEndpoint({
      rateLimit: createRateLimit({ perSecond: 1, burst: 3 }, () => at.clock.now.getTime()),
    })
    return at
  }

  test.each(['legacy', 'modern'] as const)('ends in 429 that says when to come back (%s)', async (era) => {
    await start()
    const call = () => at.ask(rpc(era, 'tools/call', { name: 'list_organizations' }, 'call-4'))
    for (let index = 0; index < 3; index++) expect((await call()).status).toBe(200)
    const answer = await call()
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '1'])
    expect(answer.json()).toMatchObject({
      id: 'call-4',
      error: { message: expect.stringContaining('in 1 s') },
    })
    at.clock.now = new Date(START.getTime() + 1000)
    expect((await call()).status).toBe(200)
  })

  test('is not another person’s, and counts tool calls only', async () => {
    await start()
    for (let index = 0; index < 3; index++) await at.ask(organizations)
    expect((await at.ask(organizations)).status).toBe(429)
    expect((await at.ask(rpc('modern', 'tools/list'))).status).toBe(200)
    expect((await at.ask(organizations, await at.token(at.grace))).status).toBe(200)
  })
})

describe('what goes wrong on our side', () => {
  test.each(['legacy', 'modern'] as const)(
    'a store that does not answer is 503, to be sent again (%s)',
    async (era) => {
      const busy = () => Promise.reject(new ZukoError('UNAVAILABLE', 'The store is busy.'))
      at = await startEndpoint({ tools: [tool('busy', busy)] })
      const answer = await at.ask(rpc(era, 'tools/call', { name: 'busy' }, 9))
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1'])
      expect(answer.json()).toMatchObject({ jsonrpc: '2.0', id: 9, error: { code: -32603 } })
    },
  )

  test('a fault is INTERNAL with the reference that the log has, and nothing else', async () => {
    const fault = () =>
      Promise.reject(Object.assign(new Error('INSERT hush-hush'), { code: 'SQLITE_MISUSE' }))
    at = await startEndpoint({ tools: [tool('faulty', fault)] })
    const answer = await at.ask(
      rpc('modern', 'tools/call', { name: 'faulty', arguments: { text: 'task text' } }),
    )
    const { result } = answer.json()
    expect(result).toMatchObject({ isError: true })
    expect(result.content[0].text).toContain(answer.headers['x-request-id'])
    expect(result.content[0].text).toMatch(/^INTERNAL: /)
    expect(answer.text).not.toMatch(/hush|SQLITE|endpoint-load/)
    expect(at.logged()).toContain('SQLITE_MISUSE')
    expect(at.logged()).not.toMatch(/hush|task text/)
  })

  test('a body that stays away is 408, and the connection ends', async () => {
    at = await startEndpoint()
    const authorization = `Bearer ${await at.token(at.ada)}`
    const socket = connect(at.port, '127.0.0.1')
    const head = `POST /api/mcp HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{`
    socket.write(head)
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    await new Promise((resolve) => socket.once('close', resolve))
    expect(text).toMatch(/^HTTP\/1\.1 408 /)
    expect(text).toContain('within 10 seconds')
  })
})

describe('leaving and ending', () => {
  test.each(['legacy', 'modern'] as const)(
    'a caller that leaves is gone, its call is counted until it ends (%s)',
    async (era) => {
      const { open, opened } = gate()
      const started = gate()
      const slow = tool('slow', async () => {
        started.open()
        await opened
      })
      at = await startEndpoint({ tools: [slow] })
      const { headers, body } = rpc(era, 'tools/call', { name: 'slow' })
      const leaving = new AbortController()
      const sent = fetch(at.resource, {
        method: 'POST',
        headers: {
          ...(headers as Record<string, string>),
          authorization: `Bearer ${await at.token(at.ada)}`,
        },
        body: String(body),
        signal: leaving.signal,
      })
      await started.opened
      leaving.abort()
      await expect(sent).rejects.toThrow()
      await expect.poll(() => at.logged()).toContain('"status":499')
      expect(at.endpoint.active()).toBe(1)
      open()
      await at.endpoint.drain(5000)
      expect(at.endpoint.active()).toBe(0)
    },
  )

  test('a drain waits for the call under way, and its connection closes', async () => {
    const { open, opened } = gate()
    const started = gate()
    const slow = tool('slow', async () => {
      started.open()
      await opened
    })
    at = await startEndpoint({ tools: [slow] })
    const asked = at.ask(rpc('modern', 'tools/call', { name: 'slow' }))
    await started.opened
    const drained = at.endpoint.drain(10_000)
    open()
    const answer = await asked
    await drained
    expect([answer.status, answer.headers.connection]).toEqual([200, 'close'])
    expect(at.endpoint.active()).toBe(0)
  })

  test('a drain gives up at its deadline', async () => {
    const { open, opened } = gate()
    const started = gate()
    const slow = tool('slow', async () => {
      started.open()
      await opened
    })
    at = await startEndpoint({ tools: [slow] })
    const asked = at.ask(rpc('modern', 'tools/call', { name: 'slow' }))
    await started.opened
    await at.endpoint.drain(10)
    expect(at.endpoint.active()).toBeGreaterThan(0)
    open()
    expect((await asked).status).toBe(200)
  })

  test('after the end every request is told to come back', async () => {
    at = await startEndpoint()
    await at.endpoint.close()
    const answer = await at.ask(organizations)
    expect([answer.status, answer.headers['retry-after'], answer.headers.connection]).toEqual([
      503,
      '1',
      'close',
    ])
  })
})

describe('the log', () => {
  test('has one line per call with who, what and how long, and no token', async () => {
    at = await startEndpoint()
    const token = await at.token(at.ada)
    const answer = await at.ask(
      rpc('legacy', 'tools/call', { name: 'create_task', arguments: { title: 'Hush\n{"level":"fatal"}' } }),
      token,
    )
    expect(answer.json().result.isError).toBeUndefined()
    const lines = at.logged().trim().split('\n')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      requestId: answer.headers['x-request-id'],
      userId: at.ada,
      clientId: 'client-1',
      tool: 'create_task',
      outcome: 'ok',
      ms: expect.any(Number),
    })
    for (const secret of [token, token.split('.')[2] ?? '', 'Hush']) expect(at.logged()).not.toContain(secret)
  })

  test('names the error of a tool, the refusal of a request, and no method that is not one', async () => {
    at = await startEndpoint()
    await at.ask(rpc('legacy', 'tools/call', { name: 'get_task', arguments: { taskId: 999 } }))
    await send(at.port, {})
    await at.ask(rpc('legacy', 'a secret, said aloud'))
    expect(at.logged()).toContain('"tool":"get_task","status":200,"outcome":"NOT_FOUND"')
    expect(at.logged()).toContain('"status":401,"outcome":"refused"')
    expect(at.logged()).not.toContain('secret')
  })
})
