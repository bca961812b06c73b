import { expect, test } from 'vitest'
import { localKeys } from '../../src/serve/key-source.js'
import { openStore } from '../../src/store/open.js'
import { createSigner } from '../helpers/tokens.js'

async function start() {
  const store = await openStore(':memory:')
  const clock = { now: 0 }
  let reads = 0
  const list = () => {
    reads++
    return store.keys.list()
  }
  return { store, clock, keys: localKeys({ list }, () => clock.now), reads: () => reads }
}

test('reads the store once for many calls and forged kids', async () => {
  const { store, keys, reads } = await start()
  const signer = await createSigner()
  await store.keys.add(signer.stored)
  expect(await keys.find({ alg: 'EdDSA', kid: signer.kid })).toBeDefined()
  for (let index = 0; index < 100; index++) {
    expect(await keys.find({ alg: 'EdDSA', kid: `kid-${index}` })).toBeUndefined()
  }
  expect(reads()).toBe(1)
  await store.close()
})

test('finds a new key a second later', async () => {
  const { store, clock, keys } = await start()
  const signer = await createSigner()
  expect(await keys.find({ alg: 'EdDSA', kid: signer.kid })).toBeUndefined()
  await store.keys.add(signer.stored)
  clock.now += 1000
  expect(await keys.find({ alg: 'EdDSA', kid: signer.kid })).toBeDefined()
  await store.close()
})

test('keeps a retired key for as long as its last token lives, and no longer', async () => {
  const { store, clock, keys } = await start()
  const signer = await createSigner()
  await store.keys.add({ ...signer.stored, expiresAt: new Date(1000) })
  clock.now = 15 * 60_000
  expect(await keys.find({ alg: 'EdDSA', kid: signer.kid })).toBeDefined()
  clock.now = 18 * 60_000
  expect(await keys.find({ alg: 'EdDSA', kid: signer.kid })).toBeUndefined()
  await store.close()
})

test('uses no stored key that is not EdDSA', async () => {
  const { store, keys } = await start()
  const signer = await createSigner('ES256')
  await store.keys.add(signer.stored)
  expect(await keys.find({ alg: 'ES256', kid: signer.kid })).toBeUndefined()
  await store.close()
})
