import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  constantFrom,
  integer,
  jsonValue,
  oneof,
  option,
  string,
  tuple,
} from 'fast-check'
import { expect, test } from 'vitest'
import { ZukoError } from '../../src/errors.js'
import { openStore } from '../../src/store/open.js'
import type { JsonValue, NewTask, Store, TaskPatch, TaskRow } from '../../src/store/types.js'
import { ROLES, STATUSES } from '../../src/tools/words.js'
import { onEvery } from '../helpers/databases.js'
import { actorOf, callTool, newTask, seedCrm, T0 } from '../helpers/store.js'

/** One call of a store, the same on every database. */
interface Call {
  make(store: Store): Promise<unknown>
  /** How a counterexample shows it. */
  toString(): string
}

type Arbitraries<Given extends unknown[]> = { [Index in keyof Given]: Arbitrary<Given[Index]> }

const call = <Given extends unknown[]>(
  name: string,
  given: [...Arbitraries<Given>],
  make: (store: Store, ...given: Given) => Promise<unknown>,
): Arbitrary<Call> =>
  tuple<Given>(...given).map((values) => ({
    make: (store) => make(store, ...values),
    toString: () => `${name}(${values.map((value) => JSON.stringify(value)).join(', ')})`,
  }))

const WORDS = [
  'Ada Lovelace',
  'SAM LEE',
  'sam lee',
  'é',
  'e\u0301',
  'É',
  'ß',
  'SS',
  'İ',
  '%',
  '_',
  'a_b',
  '\\',
  "'",
  '😀',
  'me',
  '3',
  '',
]
const text = oneof(constantFrom(...WORDS), string({ unit: 'grapheme', maxLength: 12 }))
/** What a model may send: any 16-bit units, NUL and halves of pairs among them. */
const anyText = oneof(
  text,
  constantFrom('a\0', '\ud800', 'x\udfff', '\u0000'),
  string({ unit: 'binary', maxLength: 5 }),
)
const email = constantFrom(
  'ada@example.com',
  'GRACE@example.com',
  'new@example.com',
  'Ünï@example.com',
  'edsger@example.com',
)
const slug = constantFrom('acme', 'globex', 'new', 'other')
const id = oneof({ weight: 9, arbitrary: integer({ min: 1, max: 8 }) }, constantFrom(0, 9, 2147483647))
const at = oneof({ weight: 9, arbitrary: integer({ min: T0 - 2, max: T0 + 6 }) }, constantFrom(0, 1, 8.64e15))
const role = constantFrom(...ROLES)
const status = constantFrom(...STATUSES)
const json = oneof(
  jsonValue({ maxDepth: 3 }),
  constantFrom(0, -0, 1e300, 5e-324, 2 ** 53, 2 ** 60, -1.5, '', null),
)
const limit = integer({ min: 1, max: 4 })
const maybe = <Value>(value: Arbitrary<Value>) => option(value, { nil: undefined })
const clientId = constantFrom('one', 'two', 'zuko-mcp-admin')

/** Without what is undefined, as a tool would give it. */
const given = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

/** Every page of a list. */
async function walk(
  store: Store,
  query: { userId: number; limit: number; organizationId?: number },
): Promise<TaskRow[]> {
  const seen: TaskRow[] = []
  for (;;) {
    const { tasks, more } = await store.tasks.list({ ...query, after: seen.at(-1) })
    seen.push(...tasks)
    if (!more) return seen
  }
}

const tasks = [
  call(
    'create',
    [id, at, id, text, json, status, maybe(text), maybe(id), maybe(constantFrom('k', 'l'))],
    (store, ...of) => {
      const [
        userId,
        when,
        organizationId,
        title,
        description,
        is,
        assignee = null,
        parentTaskId = null,
        key,
      ] = of
      const task: NewTask = newTask(organizationId, {
        title,
        description: description as JsonValue,
        status: is,
        assignee,
        parentTaskId,
      })
      const idempotency = key && { key, fingerprint: title, expiresAt: when + 3 }
      return store.tasks.create(actorOf(userId, when), task, idempotency)
    },
  ),
  call(
    'update',
    [id, at, id, maybe(text), maybe(json), maybe(status), maybe(text), maybe(at), maybe(at)],
    (store, ...of) => {
      const [userId, when, taskId, title, description, is, assignee, completedAt, expected] = of
      const patch = given({ title, description, status: is, assignee, completedAt }) as TaskPatch
      return store.tasks.update(actorOf(userId, when), taskId, patch, expected)
    },
  ),
  call('operator update', [at, id, text], (store, when, taskId, title) =>
    store.operator.tasks.update(actorOf(0, when), taskId, { title }),
  ),
  call('get', [id, id], (store, userId, taskId) => store.tasks.get(userId, taskId)),
  call('walk', [id, maybe(id), maybe(status), limit], (store, userId, organizationId, is, size) =>
    walk(store, { userId, limit: size, ...given({ organizationId, status: is }) }),
  ),
  call('replay', [id, constantFrom('k', 'l'), text, at], (store, userId, key, fingerprint, when) =>
    store.tasks.replay(userId, { key, fingerprint }, when),
  ),
  call(
    'browse',
    [maybe(text), maybe(status), maybe(id), maybe(id), limit],
    (store, part, is, organizationId, before, size) =>
      store.browse.tasks({ text: part, status: is, organizationId, before, limit: size }),
  ),
  call('overview', [at], async (store, since) => {
    const { bytes: _, logBytes: __, ...numbers } = await store.browse.overview(since)
    return numbers
  }),
  call('audit', [maybe(id), maybe(id), maybe(id), limit], (store, taskId, userId, before, size) =>
    store.audit.list({ taskId, userId, before, limit: size }),
  ),
  call('verify', [], (store) => store.audit.verify()),
]

const people = [
  call('add person', [text, email, at], (store, name, address, when) =>
    store.people.add({ name, email: address, at: when }),
  ),
  call('people', [], (store) => store.people.list()),
  call('find person', [email], (store, address) => store.people.findByEmail(address)),
  call('disable', [id, option(at)], (store, userId, when) => store.people.setDisabled(userId, when)),
  call('remove person', [id], (store, userId) => store.people.remove(userId)),
  call('link', [id, text, at], (store, userId, subject, when) =>
    store.people.link({ userId, issuer: 'https://id.example', subject, at: when }),
  ),
  call('by subject', [text], (store, subject) => store.principals.bySubject('https://id.example', subject)),
  call('principal', [id, clientId], (store, userId, client) => store.principals.byId(userId, client)),
  call('set password', [id, text, at], (store, userId, hash, when) =>
    store.people.setPassword(userId, hash, when),
  ),
  call('password', [id], (store, userId) => store.people.passwordHash(userId)),
  call('grant', [id, clientId, at], (store, userId, client, when) =>
    store.grants.ensure({ userId, clientId: client, clientName: client, scopes: ['tasks:read'], at: when }),
  ),
  call('revoke grant', [id, clientId], (store, userId, client) => store.grants.revoke(userId, client)),
  call('revoke client', [clientId], (store, client) => store.clients.revoke(client)),
  call('grants', [], (store) => store.grants.list()),
  call('clients', [], async (store) => [await store.clients.list(), await store.clients.countUnused(0)]),
  call('sweep', [at], (store, now) => store.sweep(now)),
]

const organizations = [
  call('add organization', [text, slug, at], (store, name, named, when) =>
    store.organizations.add({ name, slug: named, at: when }),
  ),
  call('rename', [id, text], (store, organizationId, name) =>
    store.organizations.rename(organizationId, name),
  ),
  call('remove organization', [id], (store, organizationId) => store.organizations.remove(organizationId)),
  call('organizations', [], (store) => store.organizations.list()),
  call('organizations of', [id, id], async (store, userId, organizationId) => [
    await store.organizations.listFor(userId),
    await store.organizations.find(userId, organizationId),
  ]),
  call('add member', [id, id, role, at], (store, userId, organizationId, as, when) =>
    store.members.add({ userId, organizationId, role: as, at: when }),
  ),
  call('set role', [id, id, role], (store, userId, organizationId, as) =>
    store.members.setRole(userId, organizationId, as),
  ),
  call('remove member', [id, id], (store, userId, organizationId) =>
    store.members.remove(userId, organizationId),
  ),
  call('members', [maybe(slug)], (store, named) => store.members.list(named)),
  call('match', [id, id, text], (store, userId, organizationId, name) =>
    store.members.match(userId, organizationId, name),
  ),
  call('operator match', [id, text], (store, organizationId, name) =>
    store.operator.members.match(0, organizationId, name),
  ),
  call('known', [array(email), array(slug)], (store, emails, slugs) =>
    store.imports.known({ emails, slugs }),
  ),
]

/** At the end of a sequence: a record that is there already leaves a gap in the ids of Postgres. */
const last = [
  call(
    'import',
    [array(slug, { maxLength: 3 }), array(tuple(slug, text, maybe(email)), { maxLength: 3 }), at],
    (store, slugs, made, when) =>
      store.imports.add(
        {
          users: [],
          organizations: slugs.map((one) => ({ slug: one, name: one })),
          members: [],
          tasks: made.map(([organization, title, createdBy]) => ({
            organization,
            title,
            createdBy,
            status: 'TODO',
            owners: [],
          })),
        },
        { at: when, requestId: 'import' },
      ),
  ),
  call('export', [], async (store) => {
    const records: unknown[] = []
    await store.exports.read((record) => void records.push(record))
    return records
  }),
]

/** What a model may say to a tool, right or wrong. */
const tools = [
  call(
    'create_task',
    [id, anyText, oneof(id, constantFrom(-1, 1.5, 2 ** 31, '1')), json, maybe(anyText), maybe(anyText)],
    (store, userId, ...of) => {
      const [title, organizationId, description, assignee, idempotencyKey] = of
      return callTool(
        store,
        userId,
        'create_task',
        given({ title, organizationId, description, assignee, idempotencyKey }),
      )
    },
  ),
  call(
    'update_task',
    [id, oneof(id, constantFrom(-1, 2 ** 31)), maybe(anyText), maybe(oneof(anyText, json)), maybe(anyText)],
    (store, userId, ...of) => {
      const [taskId, title, description, assignee] = of
      return callTool(store, userId, 'update_task', given({ taskId, title, description, assignee }))
    },
  ),
  call('get_task', [id, oneof(id, constantFrom(-1, 0, 2 ** 31, 1.5))], (store, userId, taskId) =>
    callTool(store, userId, 'get_task', { taskId }),
  ),
  call('list_tasks', [id, maybe(id), maybe(status)], (store, userId, organizationId, is) =>
    callTool(store, userId, 'list_tasks', given({ organizationId, status: is })),
  ),
]

const failed = (error: unknown) =>
  error instanceof ZukoError
    ? { refused: error.code, message: error.message, fix: error.fix }
    : { failed: true }
const answer = (one: Call, store: Store) => one.make(store).catch(failed)

onEvery(['pglite', 'postgres', 'pgbouncer'], (databases) => {
  test('whatever is called in whatever order, the answers are those of SQLite', {
    timeout: 180_000,
  }, async () => {
    const calls = tuple(
      array(oneof(...tasks, ...tasks, ...people, ...organizations, ...tools), {
        minLength: 10,
        maxLength: 60,
        size: 'max',
      }),
      tuple(...last),
    ).map((both) => both.flat())
    const property = asyncProperty(calls, async (sequence) => {
      const { store } = await databases.crm()
      const sqlite = await openStore(':memory:')
      await seedCrm(sqlite)
      for (const one of sequence)
        expect(await answer(one, store), `${one}`).toEqual(await answer(one, sqlite))
      await sqlite.close()
    })
    await assert(property, { numRuns: 20, seed: 8 })
  })
})
