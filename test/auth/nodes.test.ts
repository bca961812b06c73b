import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createBrowser } from '../helpers/browser.js'
import { KINDS, onEvery } from '../helpers/databases.js'
import { CALLBACK, clickThrough, logIn, newVerifier, register, tokenRequest } from '../helpers/oauth.js'
import { PASSWORD, type Served, serveAll, twoPeople } from '../helpers/serve.js'

const ADA = { email: 'ada@example.com', password: PASSWORD }

/** What the endpoint of a node says to a token: 200, or the status of its challenge. */
async function callWith(base: string, token: string): Promise<number> {
  const answer = await createBrowser().send(`${base}/api/mcp`, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    json: { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} },
  })
  return answer.status
}

const refresh = (base: string, clientId: string, token: string) =>
  tokenRequest(base, { grant_type: 'refresh_token', refresh_token: token, client_id: clientId })

const revoke = (base: string, clientId: string, token: string) =>
  createBrowser().send(`${base}/auth/oauth2/revoke`, { form: { token, client_id: clientId } })

onEvery(KINDS, (databases) => {
  let served: Served
  beforeAll(async () => {
    served = await serveAll({ database: await databases.database() })
    await twoPeople(served)
  })
  afterAll(() => served.close())

  test('a login, its renewal and its end', async () => {
    const { base } = served
    const clientId = await register(base)
    const first = await logIn({ base, clientId, ...ADA })
    expect(await callWith(base, first.access_token)).toBe(200)
    const { status, body } = await refresh(base, clientId, first.refresh_token)
    expect(status).toBe(200)
    expect(await callWith(base, body.access_token)).toBe(200)
    expect((await revoke(base, clientId, body.refresh_token)).status).toBe(200)
    expect((await refresh(base, clientId, body.refresh_token)).status).toBe(400)
  })
})

/** Databases that several nodes can share. */
onEvery(['postgres', 'pgbouncer'], (databases) => {
  let nodes: Served[]
  const baseOf = (index: number) => nodes[index % nodes.length]?.base as string

  beforeEach(async () => {
    const database = await databases.database()
    const one = await serveAll({ database })
    nodes = [one, await serveAll({ database, backendUrl: one.base })]
    await twoPeople(one)
  })
  afterEach(() => Promise.all(nodes.map((node) => node.close())))

  test('what one node began, another ends', async () => {
    const clientId = await register(baseOf(0))
    const verifier = newVerifier()
    const back = await clickThrough({ base: baseOf(0), clientId, ...ADA }, verifier)
    const { status, body } = await tokenRequest(baseOf(1), {
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: CALLBACK,
      client_id: clientId,
      code_verifier: verifier,
    })
    expect(status).toBe(200)
    expect(await callWith(baseOf(0), body.access_token)).toBe(200)
    expect(await callWith(baseOf(1), body.access_token)).toBe(200)
    await revoke(baseOf(0), clientId, body.refresh_token)
    expect((await refresh(baseOf(1), clientId, body.refresh_token)).status).toBe(400)
  })

  test('a refresh token that many send at once gets all of them the same pair', async () => {
    const clientId = await register(baseOf(0))
    let { refresh_token: token } = await logIn({ base: baseOf(0), clientId, ...ADA })
    for (let round = 0; round < 5; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, index) => refresh(baseOf(index), clientId, token)),
      )
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
      const pairs = new Set(answers.map(({ body }) => body.refresh_token))
      expect(pairs.size).toBe(1)
      token = answers[0]?.body.refresh_token ?? ''
    }
  })

  test('a code that many send at once is spent by one', async () => {
    const clientId = await register(baseOf(0))
    const verifier = newVerifier()
    const back = await clickThrough({ base: baseOf(0), clientId, ...ADA }, verifier)
    const form = {
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: CALLBACK,
      client_id: clientId,
      code_verifier: verifier,
    }
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, index) => tokenRequest(baseOf(index), form)),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('a person who is disabled at one node is refused at all', async () => {
    const clientId = await register(baseOf(0))
    const { access_token: token } = await logIn({ base: baseOf(0), clientId, ...ADA })
    expect(await callWith(baseOf(1), token)).toBe(200)
    const ada = await nodes[0]?.store.people.findByEmail(ADA.email)
    await nodes[0]?.store.people.setDisabled(ada?.id ?? 0, Date.now())
    expect(await callWith(baseOf(1), token)).toBe(401)
  })
})

onEvery(['postgres', 'pgbouncer'], (databases) => {
  describe('nodes that start at once on an empty database', () => {
    test('make one signing key, with which all sign', async () => {
      const database = await databases.database()
      const nodes = await Promise.all(Array.from({ length: 4 }, () => serveAll({ database })))
      const keys = await Promise.all(nodes.map(({ store }) => store.keys.list()))
      expect(new Set(keys.flat().map(({ id }) => id)).size).toBe(1)
      await Promise.all(nodes.map((node) => node.close()))
    })
  })
})
