import { copyFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Copied, copyStore } from '../../src/store/copy.js'
import type { Engine } from '../../src/store/engine.js'
import { openStore, storeOver } from '../../src/store/open.js'
import { sqliteEngine } from '../../src/store/sqlite/engine.js'
import { openFile } from '../../src/store/sqlite/file.js'
import { onEvery } from '../helpers/databases.js'
import { temporaryFolder } from '../helpers/folder.js'
import { addTask, type Crm, newTask, seedCrm, T0 } from '../helpers/store.js'

const { at, remove } = temporaryFolder()
afterAll(remove)
let files = 0
const newFile = () => {
  files += 1
  return at(`store-${files}.db`)
}

const quiet = { seen: () => {} }
const rowsOf = ({ rows }: Copied) => Object.values(rows).reduce((sum, one) => sum + one, 0)

const template = newFile()
let crm: Crm

/** A store with tasks of every shape, more than one batch of them. */
beforeAll(async () => {
  const store = await openStore(template)
  crm = await seedCrm(store)
  const { id } = await store.organizations.add({ name: 'Umbrella', slug: 'umbrella', at: T0 })
  await store.members.add({ userId: crm.people.grace, organizationId: id, role: 'owner', at: T0 })
  const by = { clientId: 'test-client', requestId: 'request-1' }
  const tasks = Array.from({ length: 600 }, (_, index) => ({
    actor: { userId: crm.people.grace, at: T0 + index },
    task: newTask(id, {
      title: `Nr. ${index}`,
      description: { index, text: `„Ärger“ \u2028 ${'x'.repeat(index % 50)}`, none: null },
    }),
  }))
  await store.seeds.addTasks(tasks, by)
  await store.people.setDisabled(crm.people.nobody, T0)
  await store.close()
})

async function filled(): Promise<Engine> {
  const file = newFile()
  copyFileSync(template, file)
  return sqliteEngine(await openFile(file))
}

onEvery(['sqlite', 'pglite', 'postgres'], (databases) => {
  const target = async () => {
    const { kind } = databases
    if (kind === 'sqlite') return sqliteEngine(await openFile(newFile()))
    await databases.database()
    await databases.query('DROP TABLE IF EXISTS zuko_copy')
    await (await databases.store()).ping()
    return databases.engine()
  }

  test('a copy and the copy of the copy hold what the store holds', async () => {
    const [source, copy] = [await filled(), await target()]
    const there = await copyStore(source, copy, quiet)
    const back = sqliteEngine(await openFile(newFile()))
    const returned = await copyStore(copy, back, quiet)
    expect(there.rows.task).toBe(605)
    expect(there.rows.audit).toBe(605)
    expect(returned).toEqual(there)
    await Promise.all([source.close(), back.close()])
  })

  test('a store goes on in its copy: new rows get new ids, the audit holds', async () => {
    const [source, copy] = [await filled(), await target()]
    await copyStore(source, copy, quiet)
    const store = storeOver(copy)
    const task = await addTask(store, crm.people.ada, newTask(crm.organizations.acme))
    expect(task.id).toBe(606)
    expect(await store.audit.verify()).toEqual({ rows: 606 })
    await source.close()
  })

  test('a copy that was cut short goes on where it was', async () => {
    const [source, copy] = [await filled(), await target()]
    let done = 0
    const cut = copyStore(source, copy, {
      seen(rows) {
        done = rows
        if (rows > 500) throw new Error('cut')
      },
    })
    await expect(cut).rejects.toThrow('cut')
    const resumed = await copyStore(source, copy, quiet)
    expect(resumed.resumed).toBe(done)
    expect(resumed.resumed).toBeLessThan(rowsOf(resumed))
    expect(resumed.rows.task).toBe(605)
    await source.close()
  })

  test('refuses a target that holds rows, and leaves them', async () => {
    const [source, copy] = [await filled(), await target()]
    await copyStore(source, copy, quiet)
    await expect(copyStore(source, copy, quiet)).rejects.toThrow(
      'The target holds rows already (table organization); nothing was changed.',
    )
    const again = sqliteEngine(await openFile(newFile()))
    expect((await copyStore(copy, again, quiet)).rows.task).toBe(605)
    await Promise.all([source.close(), again.close()])
  })

  test('refuses to call a copy done whose source changed before it was resumed', async () => {
    const [source, copy] = [await filled(), await target()]
    const cut = copyStore(source, copy, {
      seen(rows) {
        if (rows > 500) throw new Error('cut')
      },
    })
    await expect(cut).rejects.toThrow('cut')
    await storeOver(source).people.setDisabled(crm.people.nobody, null)
    await expect(copyStore(source, copy, quiet)).rejects.toThrow(
      'The table user is not the same on both sides; the copy is not to be used.',
    )
    await source.close()
  })

  test('is of the moment at which it began', async () => {
    const [source, copy] = [await filled(), await target()]
    const store = storeOver(source)
    let changed = false
    const copied = await copyStore(source, copy, {
      seen() {
        if (changed) return
        changed = true
        void store.organizations.rename(crm.organizations.acme, 'Renamed')
      },
    })
    expect(copied.rows.task).toBe(605)
    expect((await store.organizations.findBySlug('acme'))?.name).toBe('Renamed')
    const [acme] = await storeOver(copy).organizations.list()
    expect(acme?.name).toBe('Acme')
    await source.close()
  })
})
