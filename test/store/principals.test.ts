/** Whom a token stands for, condition by condition. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OpenStore, openStore } from '../../src/store/open.js'

const ISSUER = 'https://login.example'

let store: OpenStore
let ada: number
let grace: number
beforeAll(async () => {
  store = await openStore(':memory:')
  ada = (await store.people.add({ name: 'Ada', email: 'ada@example.com', at: 1 })).id
  grace = (await store.people.add({ name: 'Grace', email: 'grace@example.com', at: 1 })).id
  const grant = (userId: number, clientId: string, at: number) =>
    store.grants.ensure({ userId, clientId, clientName: clientId, scopes: ['tasks:read'], at })
  await grant(ada, 'one', 1000)
  await grant(grace, 'two', 2000)
  await store.people.link({ userId: grace, issuer: ISSUER, subject: 'x', at: 1 })
  await store.people.link({ userId: ada, issuer: 'https://other.example', subject: 'x', at: 1 })
  await store.people.link({ userId: ada, issuer: ISSUER, subject: 'y', at: 1 })
})
afterAll(() => store.close())

describe('a person by id', () => {
  test('has the grant of that client', async () => {
    expect(await store.principals.byId(ada, 'one')).toEqual({
      userId: ada,
      disabled: false,
      grantedAt: 1000,
    })
    expect((await store.principals.byId(grace, 'two'))?.grantedAt).toBe(2000)
  })

  test('has none of another client', async () => {
    const found = await store.principals.byId(ada, 'nobody')
    expect(found).toMatchObject({ userId: ada })
    expect(found?.grantedAt).toBeUndefined()
  })

  test('has none of another person', async () => {
    expect((await store.principals.byId(ada, 'two'))?.grantedAt).toBeUndefined()
    expect((await store.principals.byId(grace, 'one'))?.grantedAt).toBeUndefined()
  })

  test('is nobody where there is none', async () => {
    expect(await store.principals.byId(999, 'one')).toBeUndefined()
  })
})

describe('a person by subject', () => {
  test('is whom that issuer’s subject was tied to', async () => {
    expect(await store.principals.bySubject(ISSUER, 'x')).toEqual({ userId: grace, disabled: false })
    expect(await store.principals.bySubject(ISSUER, 'y')).toEqual({ userId: ada, disabled: false })
    expect(await store.principals.bySubject('https://other.example', 'x')).toMatchObject({ userId: ada })
  })

  test('is nobody for another issuer, or another subject', async () => {
    expect(await store.principals.bySubject('https://other.example', 'y')).toBeUndefined()
    expect(await store.principals.bySubject(ISSUER, 'z')).toBeUndefined()
  })
})
