import { expect, test } from 'vitest'
import { type Era, rpc, type TestEndpoint } from './endpoint.js'
import type { Sent } from './http.js'

/** One request, whose token it carries, and what its answer must hold and must not. */
export interface Scenario {
  name: string
  /** A reader is Ada with the scope tasks:read alone. */
  as: 'ada' | 'grace' | 'reader'
  request: Sent
  status: number
  contains: string[]
  lacks: string[]
}

type Row = [name: string, request: Sent, status: number, contains: string[], lacks: string[]]

const by =
  (as: Scenario['as']) =>
  (...[name, request, status, contains, lacks]: Row): Scenario => ({
    name,
    as,
    request,
    status,
    contains,
    lacks,
  })

export const ada = by('ada')
export const grace = by('grace')
export const reader = by('reader')

type Both = [
  name: string,
  method: string,
  params: Record<string, unknown>,
  ...rest: [number, string[], string[]],
]

/** The same call in both eras, with id 7. */
export const inBothEras =
  (make: typeof ada) =>
  (...[name, method, params, status, contains, lacks]: Both): Scenario[] =>
    (['legacy', 'modern'] as Era[]).map((era) =>
      make(`${era}: ${name}`, rpc(era, method, params, 7), status, contains, lacks),
    )

/** A body as text or as JSON, sent as application/json unless `headers` say otherwise. */
export const body = (value: unknown, headers: Record<string, string> = {}): Sent => ({
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof value === 'string' ? value : JSON.stringify(value),
})

export const withHeaders = (sent: Sent, headers: Record<string, string>): Sent => ({
  ...sent,
  headers: { ...(sent.headers as Record<string, string>), ...headers },
})

export function withoutHeader(sent: Sent, name: string): Sent {
  const { [name]: _, ...headers } = sent.headers as Record<string, string>
  return { ...sent, headers }
}

/** What no answer may ever show: our insides, and to Ada the name of Grace's organization. */
const NEVER = ['    at ', 'node_modules', 'ZodError', '<html', 'Bearer ey']

/** One test for each scenario; the headers that every answer has are checked along. */
export function runScenarios(scenarios: Scenario[], at: () => TestEndpoint): void {
  test.each(scenarios)('$name', async ({ as, request, status, contains, lacks }) => {
    const { ask, token, ada, grace } = at()
    const scope = as === 'reader' ? { scope: 'tasks:read' } : {}
    const answer = await ask(request, await token(as === 'grace' ? grace : ada, scope))
    expect(answer.status, answer.text).toBe(status)
    for (const text of contains) expect(answer.text).toContain(text)
    for (const text of [...NEVER, as === 'grace' ? 'Acme' : 'Globex', ...lacks]) {
      expect(answer.text).not.toContain(text)
    }
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(answer.headers).not.toHaveProperty('mcp-session-id')
    if (answer.text.startsWith('{')) expect(answer.headers['content-type']).toBe('application/json')
  })
}
