/** Tool calls to a site over HTTP, and load made of them. */
import { randomUUID } from 'node:crypto'

export interface Called {
  /** 0 when the connection broke or was refused. */
  status: number
  retryAfter: number | undefined
  result: Record<string, unknown> | undefined
}

/** One tool call; never throws. */
export async function call(base: string, token: string, name: string, args: unknown): Promise<Called> {
  try {
    const answer = await fetch(`${base}/api/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-11-25',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name, arguments: args },
      }),
    })
    const text = await answer.text()
    const retryAfter = answer.headers.get('retry-after')
    const result = answer.status === 200 ? JSON.parse(text).result : undefined
    return { status: answer.status, retryAfter: retryAfter === null ? undefined : Number(retryAfter), result }
  } catch {
    return { status: 0, retryAfter: undefined, result: undefined }
  }
}

/** What a successful call answered; undefined for every other answer. */
export const structured = <Shape>({ result }: Called): Shape | undefined =>
  result === undefined || result.isError === true ? undefined : (result.structuredContent as Shape)

export interface Writes {
  /** The id that each acknowledged key was answered with. */
  acknowledged: Map<string, number>
  /** Answers that were no acknowledgement, by status; 200 is a result with `isError`. */
  refused: Map<number, number>
  /** Answers of 503 or 429 that did not say when to come back. */
  withoutRetryAfter: number
  /** The longest time between two acknowledgements, milliseconds. */
  longestGap: number
}

/** Writers that create tasks one after another until `stop`; each key is sent again until it is acknowledged. */
export function startWriters(base: string, token: string, organizationId: number, writers: number) {
  const writes: Writes = {
    acknowledged: new Map(),
    refused: new Map(),
    withoutRetryAfter: 0,
    longestGap: 0,
  }
  let [running, last] = [true, performance.now()]

  async function acknowledge(key: string): Promise<void> {
    for (;;) {
      const answer = await call(base, token, 'create_task', {
        title: key,
        organizationId,
        idempotencyKey: key,
      })
      const task = structured<{ id: number }>(answer)
      if (task) {
        writes.acknowledged.set(key, task.id)
        writes.longestGap = Math.max(writes.longestGap, performance.now() - last)
        last = performance.now()
        return
      }
      writes.refused.set(answer.status, (writes.refused.get(answer.status) ?? 0) + 1)
      if ([429, 503].includes(answer.status) && answer.retryAfter === undefined) writes.withoutRetryAfter += 1
      await new Promise((resume) => setTimeout(resume, 50))
    }
  }
  const work = Array.from({ length: writers }, async () => {
    while (running) await acknowledge(randomUUID())
  })
  return {
    writes,
    /** Resolves when so many more writes are acknowledged. */
    async more(count: number): Promise<void> {
      const goal = writes.acknowledged.size + count
      while (writes.acknowledged.size < goal) await new Promise((resume) => setTimeout(resume, 10))
    },
    /** Lets every writer have its last key acknowledged. */
    async stop(): Promise<Writes> {
      running = false
      await Promise.all(work)
      return writes
    },
  }
}
