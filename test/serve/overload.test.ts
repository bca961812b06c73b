import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../../src/log.js'
import { watchLoop } from '../../src/serve/loop-delay.js'
import { shedding } from '../../src/serve/overload.js'
import { type Listening, listen, send } from '../helpers/http.js'
import { hear } from '../helpers/raw.js'

const lines: string[] = []
const log = createLog('info', { write: (line: string) => void lines.push(line) })
let served: string[] = []
let server: Listening
beforeAll(async () => {
  const busy = (ms: number) => {
    const until = performance.now() + ms
    while (performance.now() < until);
  }
  server = await listen(
    shedding(
      (req, res) => {
        served.push(req.url ?? '')
        busy(5)
        res.end('ok')
      },
      log,
      { sliceMs: 2, waiting: 2 },
    ),
  )
})
afterAll(() => server.close())

/** Requests that arrive in one piece, and therefore at once. */
const atOnce = (...requests: string[]): string =>
  requests.map((each) => `${each} HTTP/1.1\r\nHost: a\r\n`).join('\r\n')
const all = (bytes: string) => hear(server.port, `${bytes}Connection: close\r\n\r\n`)

describe('more requests than can wait', () => {
  test('are turned away; those before them are served in order', async () => {
    served = []
    const { statuses } = await all(atOnce('GET /1', 'GET /2', 'GET /3', 'GET /4', 'GET /5'))
    expect(statuses).toEqual([200, 200, 200, 503, 503])
    expect(served).toEqual(['/1', '/2', '/3'])
  })

  test('are told when to come back, in the words of each kind of caller', async () => {
    const busy = ['GET /1', 'GET /2', 'GET /3']
    const call = await all(atOnce(...busy, 'POST /api/mcp'))
    expect(call.text).toMatch(/503 [\s\S]*retry-after: 1\r\n[\s\S]*"jsonrpc":"2.0","id":null,"error":/)
    const program = await all(atOnce(...busy, 'POST /auth/oauth2/token'))
    expect(program.text).toContain('"error":"temporarily_unavailable"')
    const person = await all(`${atOnce(...busy, 'GET /auth/sign-in')}Accept: text/html\r\n`)
    expect(person.text).toContain("content-security-policy: default-src 'none'")
    expect(person.text).toContain('Too much at once')
  })

  test('are one line in the log', async () => {
    await expect.poll(() => lines.join(''), { timeout: 5000 }).toContain('more came than can be served')
    expect(lines.length).toBeLessThanOrEqual(3)
  })

  test('do not keep out the probes', async () => {
    const { statuses } = await all(atOnce('GET /1', 'GET /2', 'GET /3', 'GET /healthz', 'GET /readyz'))
    expect(statuses).toEqual([200, 200, 200, 200, 200])
  })

  test('are over when the queue is', async () => {
    expect((await send(server.port, { method: 'GET', path: '/' })).status).toBe(200)
  })
})

test('the watch of the event loop sees a stall', async () => {
  const watch = watchLoop()
  const seen = expect.poll(
    () => {
      const until = performance.now() + 120
      while (performance.now() < until);
      return watch.delay().max
    },
    { timeout: 5000 },
  )
  await seen.toBeGreaterThan(50)
  watch.close()
})
