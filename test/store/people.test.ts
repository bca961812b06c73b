import { beforeEach, describe, expect, test } from 'vitest'
import type { OpenStore } from '../../src/store/open.js'
import { KINDS, onEvery } from '../helpers/databases.js'
import { actorOf, CANARY, type Crm, newTask, T0 } from '../helpers/store.js'

onEvery(KINDS, (databases) => {
  let store: OpenStore
  let crm: Crm
  beforeEach(async () => {
    const made = await databases.crm()
    store = made.store
    crm = made.crm
  })

  describe('organizations and members', () => {
    test('a person’s organizations come by name, with the role', async () => {
      const { acme, globex } = crm.organizations
      expect(await store.organizations.listFor(crm.people.grace)).toEqual([
        { id: acme, name: 'Acme', slug: 'acme', role: 'member' },
        { id: globex, name: 'Globex', slug: 'globex', role: 'member' },
      ])
      expect(await store.organizations.find(crm.people.ada, globex)).toBeUndefined()
      expect(await store.organizations.find(crm.people.grace, globex)).toMatchObject({ slug: 'globex' })
    })

    test('adding the same again changes nothing', async () => {
      const { acme } = crm.organizations
      const same = { userId: crm.people.ada, organizationId: acme, role: 'owner' as const, at: T0 }
      expect(await store.members.add(same)).toEqual({ added: false, role: 'member' })
      expect(await store.organizations.add({ name: 'Other', slug: 'acme', at: T0 })).toEqual({
        id: acme,
        name: 'Acme',
        slug: 'acme',
        added: false,
      })
      const ada = { name: 'Other', email: 'ADA@example.com', at: T0 }
      expect(await store.people.add(ada)).toMatchObject({
        id: crm.people.ada,
        name: 'Ada Lovelace',
        added: false,
      })
    })

    test('counts of members and tasks are each organization’s own', async () => {
      const counts = (await store.organizations.list()).map(({ name, members, tasks }) => [
        name,
        members,
        tasks,
      ])
      expect(counts).toEqual([
        ['Acme', 4, 2],
        ['Globex', 1, 1],
        ['Initech', 1, 2],
      ])
    })

    test('members can be listed for one organization', async () => {
      const emails = (await store.members.list('globex')).map(({ email }) => email)
      expect(emails).toEqual(['grace@example.com'])
      expect(await store.members.list()).toHaveLength(6)
    })

    test('a member who is removed sees nothing at the next call', async () => {
      const { ada: userId } = crm.people
      const { acme: organizationId } = crm.organizations
      expect(await store.tasks.get(userId, crm.tasks.acme)).toBeDefined()
      await store.members.remove(userId, organizationId)
      expect(await store.tasks.get(userId, crm.tasks.acme)).toBeUndefined()
      expect(await store.tasks.list({ userId, limit: 50 })).toEqual({ tasks: [], more: false })
      expect(await store.tasks.list({ userId, organizationId, limit: 50 })).toEqual({
        tasks: [],
        more: false,
      })
      expect(await store.tasks.update(actorOf(userId), crm.tasks.acme, { title: 'x' })).toEqual({
        kind: 'not_found',
      })
      const refused = await store.tasks.create(actorOf(userId), newTask(organizationId))
      expect(refused).toEqual({ kind: 'organization_not_found' })
    })
  })

  describe('matching a member', () => {
    const match = async (text: string, asking = crm.people.ada, organization = crm.organizations.acme) =>
      (await store.members.match(asking, organization, text)).map(({ email }) => email)

    test('by e-mail and name in any case, and by id', async () => {
      expect(await match('GRACE@example.com')).toEqual(['grace@example.com'])
      expect(await match('grace hopper')).toEqual(['grace@example.com'])
      expect(await match(String(crm.people.grace))).toEqual(['grace@example.com'])
    })

    test('finds everybody of one name', async () => {
      expect(await match('Sam Lee')).toEqual(['sam@example.com', 'sammy@example.com'])
    })

    test('folds letters beyond ASCII', async () => {
      const { id } = await store.people.add({ name: 'Élodie Šimić', email: 'elodie@example.com', at: T0 })
      await store.members.add({ userId: id, organizationId: crm.organizations.acme, role: 'member', at: T0 })
      expect(await match('éLODIE šIMIĆ')).toEqual(['elodie@example.com'])
    })

    test('prefers an e-mail over a name that looks like it', async () => {
      const { id } = await store.people.add({ name: 'grace@example.com', email: 'eve@example.com', at: T0 })
      await store.members.add({ userId: id, organizationId: crm.organizations.acme, role: 'member', at: T0 })
      expect(await match('grace@example.com')).toEqual(['grace@example.com'])
    })

    test.each(['Edsger CANARY-INITECH', 'edsger@example.com'])('finds nobody elsewhere: %s', async (text) => {
      expect(text.includes(CANARY) || text.includes('edsger')).toBe(true)
      expect(await match(text)).toEqual([])
      expect(await match(text, crm.people.ada, crm.organizations.initech)).toEqual([])
    })

    test.each(['%', '_', "' OR 1=1 --", ''])('takes %j as a name and nothing else', async (text) => {
      expect(await match(text)).toEqual([])
    })
  })

  describe('principals', () => {
    const grant = { clientId: 'zuko-mcp-admin', clientName: 'zuko-mcp admin', scopes: ['tasks:read'] }

    test('a person is found with the time of the grant', async () => {
      const userId = crm.people.ada
      expect(await store.principals.byId(userId, grant.clientId)).toEqual({
        userId,
        disabled: false,
        grantedAt: undefined,
      })
      await store.grants.ensure({ ...grant, userId, at: T0 })
      expect(await store.principals.byId(userId, grant.clientId)).toMatchObject({ grantedAt: T0 })
      expect(await store.principals.byId(userId, 'another')).toMatchObject({ grantedAt: undefined })
      expect(await store.principals.byId(999, grant.clientId)).toBeUndefined()
    })

    test('a grant made again keeps its time, and one taken back is gone', async () => {
      const userId = crm.people.ada
      await store.grants.ensure({ ...grant, userId, at: T0 })
      await store.grants.ensure({ ...grant, scopes: ['tasks:read', 'tasks:write'], userId, at: T0 + 1000 })
      expect(await store.principals.byId(userId, grant.clientId)).toMatchObject({ grantedAt: T0 })
      expect(await store.clients.find(grant.clientId)).toMatchObject({
        name: 'zuko-mcp admin',
        redirectUris: [],
      })
      expect(await store.grants.revoke(userId, grant.clientId)).toBe(true)
      expect(await store.grants.revoke(userId, grant.clientId)).toBe(false)
      expect(await store.principals.byId(userId, grant.clientId)).toMatchObject({ grantedAt: undefined })
    })

    test('a disabled person is found as disabled, once', async () => {
      expect(await store.people.setDisabled(crm.people.ada, T0)).toBe(true)
      expect(await store.people.setDisabled(crm.people.ada, T0)).toBe(false)
      expect(await store.principals.byId(crm.people.ada, 'c')).toMatchObject({ disabled: true })
      expect(await store.people.findByEmail('ada@example.com')).toMatchObject({ disabledAt: T0 })
      expect(await store.people.setDisabled(crm.people.ada, null)).toBe(true)
      expect(await store.principals.byId(crm.people.ada, 'c')).toMatchObject({ disabled: false })
    })

    test('a foreign subject leads to one person only', async () => {
      const link = { issuer: 'https://id.example.com', subject: 's-1', at: T0 }
      expect(await store.people.link({ ...link, userId: crm.people.ada })).toEqual({ added: true })
      expect(await store.people.link({ ...link, userId: crm.people.ada })).toEqual({ added: false })
      const second = store.people.link({ ...link, userId: crm.people.grace })
      await expect(second).rejects.toMatchObject({
        code: 'FAILED',
        message: expect.stringContaining('another person'),
      })
      expect(await store.principals.bySubject(link.issuer, 's-1')).toEqual({
        userId: crm.people.ada,
        disabled: false,
      })
      expect(await store.principals.bySubject('https://other.example.com', 's-1')).toBeUndefined()
    })
  })

  test('signing keys come newest first', async () => {
    const key = { publicKey: '{}', privateKey: '{}', expiresAt: null, alg: 'EdDSA', crv: 'Ed25519' }
    await store.keys.add({ ...key, id: 'old', createdAt: new Date(T0) })
    await store.keys.add({ ...key, id: 'new', createdAt: new Date(T0 + 1) })
    expect((await store.keys.list()).map(({ id }) => id)).toEqual(['new', 'old'])
    await expect(store.keys.add({ ...key, id: 'old', createdAt: new Date(T0) })).rejects.toThrow()
  })
})
