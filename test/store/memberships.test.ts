/** What is changed of one organization or membership leaves every other as it was. */
import { beforeEach, expect, test } from 'vitest'
import type { OpenStore } from '../../src/store/open.js'
import { KINDS, onEvery } from '../helpers/databases.js'
import type { Crm } from '../helpers/store.js'

onEvery(KINDS.slice(0, 2), (databases) => {
  let store: OpenStore
  let crm: Crm
  beforeEach(async () => {
    const made = await databases.crm()
    store = made.store
    crm = made.crm
  })

  const organizations = async () => (await store.organizations.list()).filter(({ slug }) => slug !== 'acme')
  const members = async () =>
    (await store.members.list()).map(({ id, organizationId, role }) => `${id} ${organizationId} ${role}`)

  test('an organization that is removed takes only what is its own', async () => {
    const [others, there] = [await organizations(), await members()]
    const gone = there.filter((row) => row.split(' ')[1] === String(crm.organizations.acme))
    expect(others.length).toBeGreaterThan(0)
    expect((await store.organizations.remove(crm.organizations.acme)).members).toBe(gone.length)
    expect(await store.organizations.list()).toEqual(others)
    expect(await members()).toEqual(there.filter((row) => !gone.includes(row)))
  })

  test('an organization that is renamed is one', async () => {
    const others = await organizations()
    expect(await store.organizations.rename(crm.organizations.acme, 'Renamed')).toBe(true)
    expect(await store.organizations.rename(crm.organizations.acme, 'Renamed')).toBe(false)
    expect(await organizations()).toEqual(others)
    expect((await store.organizations.findBySlug('acme'))?.name).toBe('Renamed')
  })

  test('a membership that is changed, and then ended, is one', async () => {
    const there = await members()
    const [userId = 0, organizationId = 0, role] = (there[0] ?? '').split(' ')
    const others = there.slice(1)
    const next = role === 'admin' ? 'member' : 'admin'
    expect(await store.members.setRole(Number(userId), Number(organizationId), next)).toBe(role)
    expect((await members()).filter((row) => !others.includes(row))).toEqual([
      `${userId} ${organizationId} ${next}`,
    ])
    expect(await store.members.remove(Number(userId), Number(organizationId))).toBe(true)
    expect(await store.members.remove(Number(userId), Number(organizationId))).toBe(false)
    expect(await members()).toEqual(others)
  })
})
