/** Two processes of the program on one store, and rounds of a race there. */
import { randomBytes } from 'node:crypto'
import { type Browser, createBrowser } from '../helpers/browser.js'
import { CALLBACK, clickThrough, newVerifier, register } from '../helpers/oauth.js'
import { ADA, type Node, type Serving, startServing } from '../helpers/serving.js'

export const AT_ONCE = 100

/** One round: a client and an address of its own. */
export interface Round {
  base: string
  clientId: string
  /** Ada's browser. */
  outside: Browser
  /** A caller at one of the two processes, in turn. */
  caller(index: number): { base: string; browser: Browser }
  code(): Promise<Record<string, string>>
  /** Status of a call of the MCP endpoint. */
  call(token: string): Promise<number>
}

export interface Ground {
  serving: Serving
  other: Node
}

export async function startGround(): Promise<Ground> {
  const serving = await startServing({ env: { TRUST_PROXY: '1', LOG_LEVEL: 'info' } })
  return { serving, other: await serving.join() }
}

export interface Race {
  rounds: number
  /** Where to race; on a ground of its own when there is none. */
  ground?: Ground
}

/** What the MCP endpoint answers to a token. */
export async function callWith({ base }: Serving, token: string): Promise<number> {
  const answer = await createBrowser().send(`${base}/api/mcp`, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    json: { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} },
  })
  return answer.status
}

async function startRound({ serving, other }: Ground): Promise<Round> {
  const from = { 'x-forwarded-for': randomAddress() }
  const outside = createBrowser(undefined, from)
  const clientId = await register(serving.base, {}, outside)
  const nodes = [serving.base, `http://127.0.0.1:${other.port}`] as const
  return {
    ...{ base: serving.base, clientId, outside },
    call: (token) => callWith(serving, token),
    caller: (turn) => ({
      base: nodes[turn % 2] ?? serving.base,
      browser: createBrowser(undefined, { ...from, host: new URL(serving.base).host }),
    }),
    async code() {
      const verifier = newVerifier()
      const back = await clickThrough({ base: serving.base, clientId, ...ADA, browser: outside }, verifier)
      return {
        grant_type: 'authorization_code',
        code: back.searchParams.get('code') ?? '',
        redirect_uri: CALLBACK,
        client_id: clientId,
        code_verifier: verifier,
      }
    },
  }
}

const randomAddress = (): string => `10.${[...randomBytes(3)].join('.')}`

/** Plays rounds one after another; each comes from another address, so that no allowance ends the attack. */
export async function play<T>({ rounds, ground }: Race, round: (round: Round) => Promise<T>): Promise<T[]> {
  const at = ground ?? (await startGround())
  try {
    const results: T[] = []
    for (let index = 0; index < rounds; index += 1) results.push(await round(await startRound(at)))
    return results
  } finally {
    if (!ground) await at.serving.stop()
  }
}

export const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0)
export const inParallel = <T>(work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: AT_ONCE }, (_, index) => work(index)))
