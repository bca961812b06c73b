import { beforeEach, describe, expect, test } from 'vitest'
import { type AdminBench, adminBench, scriptedIo } from '../helpers/admin.js'
import { type Crm, seedCrm } from '../helpers/store.js'

const [OLD, NEW] = ['a long walk on the beach', 'another walk, at night']
let bench: AdminBench
let crm: Crm
beforeEach(async () => {
  bench = await adminBench()
  crm = await seedCrm(bench.store)
})

const setPassword = (password: string) =>
  bench.run(['users', 'set-password', 'ada@example.com', '--password-stdin'], scriptedIo({ stdin: password }))

const signIn = (password: string) => {
  const body = JSON.stringify({ email: 'ada@example.com', password })
  const headers = { 'content-type': 'application/json' }
  return bench.auth.handle('/auth/sign-in/email', { method: 'POST', headers, body })
}

describe('users set-password', () => {
  test('opens the way in for an account that had none', async () => {
    expect((await signIn(OLD)).status).toBe(401)
    expect(await setPassword(OLD)).toBe('ada@example.com has another password now; its sessions ended.')
    expect((await signIn(OLD)).status).toBe(200)
  })

  test('closes it for whoever knew the one before, sessions included', async () => {
    await setPassword(OLD)
    const cookie = (await signIn(OLD)).headers.get('set-cookie')?.split(';', 1)[0] ?? ''
    const session = async () => (await bench.auth.handle('/auth/get-session', { headers: { cookie } })).json()
    expect(await session()).toMatchObject({ user: { email: 'ada@example.com' } })
    await setPassword(NEW)
    expect(await session()).toBeNull()
    expect((await signIn(OLD)).status).toBe(401)
    expect((await signIn(NEW)).status).toBe(200)
  })

  test('run twice, changes nothing', async () => {
    await setPassword(OLD)
    expect(await setPassword(OLD)).toBe('Nothing changed: ada@example.com has this password already.')
  })

  test('off a terminal makes one and prints it once', async () => {
    const out = await bench.run(['users', 'set-password', 'ada@example.com'])
    const [, password = ''] = /Password, shown only now: (\S{20})$/.exec(out) ?? []
    expect((await signIn(password)).status).toBe(200)
  })

  test('refuses a password that is tried first, and does not repeat it', async () => {
    const error = await bench.refusal(
      ['users', 'set-password', 'ada@example.com', '--password-stdin'],
      scriptedIo({ stdin: 'password1234' }),
    )
    expect(error.code).toBe('USAGE')
    expect(error.message).not.toContain('password1234')
  })
})

describe('users remove', () => {
  const remove = () => bench.run(['users', 'remove', 'ada@example.com', '--yes'])
  const grant = { clientId: 'zuko-mcp-admin', clientName: 'terminal', scopes: [], at: 1 }

  test('takes every way in, and leaves the tasks without it as creator and owner', async () => {
    await setPassword(OLD)
    await bench.store.grants.ensure({ userId: crm.people.ada, ...grant })
    expect(await remove()).toBe(
      'Removed ada@example.com: 1 membership ended; 2 tasks without a creator and 2 tasks with an owner less.',
    )
    expect((await signIn(OLD)).status).toBe(401)
    expect(await bench.store.people.findByEmail('ada@example.com')).toBeUndefined()
    expect(await bench.store.grants.list()).toEqual([])
    expect(await bench.store.tasks.get(crm.people.grace, crm.tasks.acme)).toMatchObject({
      title: 'Renew contract',
      createdBy: null,
      owners: [],
    })
    expect((await bench.store.audit.verify()).broken).toBeUndefined()
  })

  test('asks on a terminal, and a no changes nothing', async () => {
    const terminal = scriptedIo({ answers: ['n'] })
    const error = await bench.refusal(['users', 'remove', 'ada@example.com'], terminal)
    expect(error.message).toBe('Not confirmed; nothing changed.')
    expect(terminal.err).toEqual(['Remove the account ada@example.com for good? [y/N] '])
    expect(await bench.store.people.findByEmail('ada@example.com')).toBeDefined()
  })

  test('goes on after a yes', async () => {
    await bench.run(['users', 'remove', 'ada@example.com'], scriptedIo({ answers: ['y'] }))
    expect(await bench.store.people.findByEmail('ada@example.com')).toBeUndefined()
  })

  test('refuses without --yes where nobody can be asked', async () => {
    const error = await bench.refusal(['users', 'remove', 'ada@example.com'])
    expect(error).toMatchObject({ code: 'USAGE', fix: 'add --yes, or run it on a terminal' })
  })

  test('run twice, changes nothing and names the nearest account', async () => {
    await remove()
    const people = await bench.store.people.list()
    const error = await bench.refusal(['users', 'remove', 'ada@example.com', '--yes'])
    expect(error.message).toBe('No person has the e-mail address "ada@example.com".')
    expect(await bench.store.people.list()).toEqual(people)
  })
})

test('users link takes no issuer but a URL, so that nobody signs in by a password that was never set', async () => {
  const error = await bench.refusal(['users', 'link', 'ada@example.com', '1', '--issuer', 'credential'])
  expect(error.message).toBe('"credential" is not the URL of an authorization server.')
})

describe('members set-role and remove', () => {
  const setRole = (email: string, role: string) => bench.run(['members', 'set-role', email, 'acme', role])

  test('set-role changes what a member may do; twice, changes nothing', async () => {
    expect(await setRole('ada@example.com', 'owner')).toBe(
      'ada@example.com is owner of acme now; it was member.',
    )
    expect(await setRole('ada@example.com', 'owner')).toBe(
      'Nothing changed: ada@example.com is owner of acme already.',
    )
    expect(await bench.store.organizations.listFor(crm.people.ada)).toMatchObject([{ role: 'owner' }])
  })

  test('set-role makes nobody a member, and says how to', async () => {
    const error = await bench.refusal(['members', 'set-role', 'edsger@example.com', 'acme', 'admin'])
    expect(error).toMatchObject({
      message: 'edsger@example.com is no member of acme.',
      fix: 'use "zuko-mcp admin members add edsger@example.com acme --role admin"',
    })
    expect(await bench.store.organizations.listFor(crm.people.edsger)).toHaveLength(1)
  })

  test('set-role refuses a role that there is not', async () => {
    const error = await bench.refusal(['members', 'set-role', 'ada@example.com', 'acme', 'boss'])
    expect(error.message).toContain('Allowed choices are owner, admin, member')
  })

  test('remove ends what the person sees there, and nothing else; twice, changes nothing', async () => {
    const remove = () => bench.run(['members', 'remove', 'grace@example.com', 'acme'])
    expect(await remove()).toBe('grace@example.com is no member of acme any more.')
    expect(await bench.store.tasks.get(crm.people.grace, crm.tasks.acme)).toBeUndefined()
    expect(await bench.store.tasks.get(crm.people.grace, crm.tasks.globex)).toBeDefined()
    expect(await remove()).toBe('Nothing changed: grace@example.com is no member of acme.')
  })
})

describe('organizations rename and remove', () => {
  test('rename changes the name, not the slug; twice, changes nothing', async () => {
    const rename = () => bench.run(['organizations', 'rename', 'acme', ' Acme Trading '])
    expect(await rename()).toBe('acme is called "Acme Trading" now.')
    expect(await rename()).toBe('Nothing changed: acme is called "Acme Trading" already.')
    expect(await bench.store.organizations.findBySlug('acme')).toMatchObject({ name: 'Acme Trading' })
  })

  test('rename refuses a name that nobody could read', async () => {
    expect((await bench.refusal(['organizations', 'rename', 'acme', ' '])).code).toBe('USAGE')
  })

  test('remove takes the tasks along, subtasks and all, and nothing of another organization', async () => {
    expect(await bench.run(['organizations', 'remove', 'acme', '--yes'])).toBe(
      'Removed "Acme" (acme): 2 tasks, 4 memberships.',
    )
    const left = (await bench.store.organizations.list()).map(({ slug, tasks }) => [slug, tasks])
    expect(left).toEqual([
      ['globex', 1],
      ['initech', 2],
    ])
    expect(await bench.store.people.list()).toHaveLength(6)
  })

  test('remove says what would go, and refuses without --yes where nobody can be asked', async () => {
    const error = await bench.refusal(['organizations', 'remove', 'acme'])
    expect(error.message).toBe('This has to be confirmed: Remove "Acme" (acme) with its 2 tasks for good?')
    expect(await bench.store.organizations.findBySlug('acme')).toBeDefined()
  })

  test('remove refuses an unknown slug and names the nearest', async () => {
    const error = await bench.refusal(['organizations', 'remove', 'akme', '--yes'])
    expect(error.fix).toBe('use "acme", or see "zuko-mcp admin organizations list"')
  })
})
