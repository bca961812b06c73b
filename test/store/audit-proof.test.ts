import { beforeEach, describe, expect, test } from 'vitest'
import { auditStore } from '../../src/store/audit.js'
import { auditHash } from '../../src/store/audit-hash.js'
import type { Engine } from '../../src/store/engine.js'
import { seedStore } from '../../src/store/seeds.js'
import { taskStore } from '../../src/store/tasks.js'
import { onEvery } from '../helpers/databases.js'
import { addTwoOrganizations, execute, storedChanges } from '../helpers/engines.js'
import { actorOf, newTask } from '../helpers/store.js'

const OTHER_HASH = '1'.repeat(64)

onEvery(['sqlite', 'pglite', 'postgres'], (databases) => {
  let engine: Engine
  beforeEach(async () => {
    await databases.store()
    engine = await databases.engine()
    await addTwoOrganizations(engine)
    const tasks = taskStore(engine)
    for (let number = 0; number < 6; number += 1) {
      await tasks.create(actorOf(1), newTask(1))
      await tasks.create(actorOf(1), newTask(2))
    }
  })

  const verify = () => auditStore(engine).verify()
  const fourth = 'organization_id = 1 AND position = 4'

  describe('the chains of the audit', () => {
    test('hold for what was only added to', async () => {
      expect(await verify()).toEqual({ rows: 12 })
    })

    test('hold for an audit without a row', async () => {
      await execute(engine, 'DELETE FROM audit', 'DELETE FROM audit_head')
      expect(await verify()).toEqual({ rows: 0 })
    })

    test.each([
      ['value', 'user_id = 2'],
      ['change', `changes = '{}'`],
      ['time', 'at = at + 1'],
      ['organization', 'organization_id = 3'],
      ['hash', `hash = '${OTHER_HASH}'`],
      ['previous hash', `previous_hash = '${OTHER_HASH}'`],
    ])('name the row of an altered %s', async (what, set) => {
      const id = (await storedChanges(engine))[3]?.id
      await execute(engine, `UPDATE audit SET ${set} WHERE ${fourth}`)
      const here = { organizationId: 1, position: 4, what: 'altered', id }
      const gone = { organizationId: 1, position: 4, what: 'removed' }
      expect((await verify()).broken?.[0]).toEqual(what === 'organization' ? gone : here)
    })

    test('name a row that was altered and hashed anew by the next, which rests on the old hash', async () => {
      const [, , third, fourth] = await storedChanges(engine)
      if (!third || !fourth) throw new Error('six rows were written')
      const hash = auditHash({ ...third, userId: 9 })
      await execute(engine, `UPDATE audit SET user_id = 9, hash = '${hash}' WHERE id = ${third.id}`)
      const broken = [{ organizationId: 1, position: 4, what: 'altered', id: fourth.id }]
      expect(await verify()).toEqual({ rows: 9, broken })
    })

    test.each([1, 3, 6])('name row %i that was removed', async (position) => {
      await execute(engine, `DELETE FROM audit WHERE organization_id = 1 AND position = ${position}`)
      const broken = [{ organizationId: 1, position, what: 'removed' }]
      expect(await verify()).toEqual({ rows: 6 + position - 1, broken })
    })

    test('name the first row that was removed of all', async () => {
      await execute(engine, 'DELETE FROM audit WHERE organization_id = 2')
      const broken = [{ organizationId: 2, position: 1, what: 'removed' }]
      expect(await verify()).toEqual({ rows: 6, broken })
    })

    test('name a row that was put in another place', async () => {
      await execute(engine, `UPDATE audit SET position = 7 WHERE ${fourth}`)
      expect((await verify()).broken).toEqual([{ organizationId: 1, position: 4, what: 'removed' }])
    })

    test.each([
      ['is missing', 'DELETE FROM audit_head WHERE organization_id = 1'],
      ['was moved back', 'UPDATE audit_head SET position = 5 WHERE organization_id = 1'],
      ['has another hash', `UPDATE audit_head SET hash = '${OTHER_HASH}' WHERE organization_id = 1`],
    ])('name the last row when the noted end %s', async (_, sql) => {
      const id = (await storedChanges(engine))[5]?.id
      await execute(engine, sql)
      const broken = [{ organizationId: 1, position: 6, what: 'end', id }]
      expect(await verify()).toEqual({ rows: 12, broken })
    })

    test('name what is missing before an end that was moved on', async () => {
      await execute(engine, 'UPDATE audit_head SET position = 9 WHERE organization_id = 1')
      expect((await verify()).broken).toEqual([{ organizationId: 1, position: 7, what: 'removed' }])
    })

    test.runIf(databases.kind === 'sqlite').each([1000, 1001])(
      'are followed over more rows than are read at once: row %i is missing',
      async (position) => {
        const tasks = [1, 2].flatMap((organizationId) => {
          const one = { actor: { userId: 1, at: 1 }, task: newTask(organizationId) }
          return Array.from({ length: 1100 }, () => ({ ...one }))
        })
        await execute(engine, 'DELETE FROM task', 'DELETE FROM audit', 'DELETE FROM audit_head')
        await seedStore(engine).addTasks(tasks, { clientId: 'test', requestId: 'r' })
        expect(await verify()).toEqual({ rows: 2200 })
        await execute(engine, `DELETE FROM audit WHERE organization_id = 1 AND position = ${position}`)
        const broken = [{ organizationId: 1, position, what: 'removed' }]
        expect(await verify()).toEqual({ rows: 1100 + position - 1, broken })
      },
    )

    test('are each named once, whatever else is wrong in them', async () => {
      await execute(engine, `DELETE FROM audit WHERE position IN (2, 4)`, 'DELETE FROM audit_head')
      expect(await verify()).toEqual({
        rows: 2,
        broken: [1, 2].map((organizationId) => ({ organizationId, position: 2, what: 'removed' })),
      })
    })
  })
})
