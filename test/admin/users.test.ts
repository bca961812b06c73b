import { beforeEach, describe, expect, test } from 'vitest'
import { type AdminBench, adminBench, scriptedIo } from '../helpers/admin.js'

const PASSWORD = 'a long walk on the beach'
let bench: AdminBench
beforeEach(async () => {
  bench = await adminBench()
})

const add = (email: string, ...more: string[]) =>
  bench.run(['users', 'add', email, '--password-stdin', ...more], scriptedIo({ stdin: PASSWORD }))

const signsIn = async (email: string, password: string): Promise<boolean> => {
  const body = JSON.stringify({ email, password })
  const headers = { 'content-type': 'application/json' }
  const answer = await bench.auth.handle('/auth/sign-in/email', { method: 'POST', headers, body })
  return answer.status === 200
}

describe('users add', () => {
  test('takes the password from stdin and knows the address in lower case', async () => {
    expect(await add(' Ada@Example.com', '--name', 'Ada Byron')).toBe('Added ada@example.com (id 1).')
    expect(await bench.store.people.findByEmail('ada@example.com')).toMatchObject({ name: 'Ada Byron' })
    expect(await signsIn('ada@example.com', PASSWORD)).toBe(true)
  })

  test('names a person after the address when no name is given', async () => {
    await add('grace@example.com')
    expect(await bench.store.people.findByEmail('grace@example.com')).toMatchObject({ name: 'grace' })
  })

  test('run twice, changes nothing and asks for nothing', async () => {
    await add('ada@example.com')
    const terminal = scriptedIo({ isTTY: true })
    expect(await bench.run(['users', 'add', 'ada@example.com'], terminal)).toBe(
      'Nothing changed: ada@example.com is an account already (id 1).',
    )
    expect(terminal.err).toEqual([])
  })

  test('asks twice on a terminal, and shows the password nowhere', async () => {
    const terminal = scriptedIo({ answers: [PASSWORD, PASSWORD] })
    const out = await bench.run(['users', 'add', 'ada@example.com'], terminal)
    expect(terminal.err).toEqual(['Password for ada@example.com: ', 'The same again: '])
    expect(out).not.toContain(PASSWORD)
    expect(await signsIn('ada@example.com', PASSWORD)).toBe(true)
  })

  test('off a terminal makes a password and prints it once', async () => {
    const out = await bench.run(['users', 'add', 'ada@example.com'])
    const [, password = ''] = /Password, shown only now: (\S{20})$/.exec(out) ?? []
    expect(await signsIn('ada@example.com', password)).toBe(true)
  })

  test('refuses two passwords that differ', async () => {
    const terminal = scriptedIo({ answers: [PASSWORD, 'something else entirely'] })
    expect(await bench.refusal(['users', 'add', 'ada@example.com'], terminal)).toMatchObject({
      code: 'USAGE',
      message: 'The two passwords differ.',
    })
    expect(await bench.store.people.list()).toEqual([])
  })

  test('refuses a short password and does not repeat it', async () => {
    const error = await bench.refusal(
      ['users', 'add', 'ada@example.com', '--password-stdin'],
      scriptedIo({ stdin: 'short-one' }),
    )
    expect(error.code).toBe('USAGE')
    expect(error.message).toContain('at least 12')
    expect(error.message).not.toContain('short-one')
    expect(await bench.store.people.list()).toEqual([])
  })

  test('refuses what is no e-mail address before asking for a password', async () => {
    const terminal = scriptedIo({ isTTY: true })
    expect(await bench.refusal(['users', 'add', 'ada'], terminal)).toMatchObject({
      code: 'USAGE',
      message: '"ada" is not an e-mail address.',
    })
    expect(terminal.err).toEqual([])
  })

  test('refuses a password in argv', async () => {
    expect((await bench.refusal(['users', 'add', 'a@example.com', '--password', PASSWORD])).code).toBe(
      'USAGE',
    )
  })

  test('is left by Ctrl-C without a change', async () => {
    const terminal = scriptedIo({ answers: [PASSWORD] })
    expect((await bench.refusal(['users', 'add', 'ada@example.com'], terminal)).code).toBe('INTERRUPTED')
    expect(await bench.store.people.list()).toEqual([])
  })
})

describe('users list', () => {
  test('says how to begin when there is nobody', async () => {
    const terminal = scriptedIo()
    expect(await bench.run(['users', 'list'], terminal)).toBe('')
    expect(terminal.err.join()).toContain('zuko-mcp admin users add EMAIL')
  })

  test('prints aligned columns for a person', async () => {
    await add('ada@example.com', '--name', 'Ada')
    await add('jo@example.com', '--name', 'Jo')
    await bench.run(['users', 'disable', 'jo@example.com'])
    expect((await bench.run(['users', 'list'])).split('\n')).toEqual([
      'ID  EMAIL            NAME  STATE     SINCE',
      '1   ada@example.com  Ada   active    2026-03-01',
      '2   jo@example.com   Jo    disabled  2026-03-01',
    ])
  })

  test('prints a JSON array for a program, with nothing secret in it', async () => {
    await add('ada@example.com', '--name', 'Ada')
    expect(await bench.json(['users', 'list', '--json'])).toEqual([
      {
        id: 1,
        email: 'ada@example.com',
        name: 'Ada',
        createdAt: '2026-03-01T09:00:00.000Z',
        disabledAt: null,
      },
    ])
  })

  test('prints an empty JSON array when there is nobody', async () => {
    expect(await bench.json(['users', 'list', '--json'])).toEqual([])
  })

  test('shows no control characters of a stored name', async () => {
    await add('eve@example.com', '--name', 'Eve\u001b[2J\u202egnp')
    const out = await bench.run(['users', 'list'])
    expect(out).not.toMatch(/[^\P{C}\n]/u)
    expect(out).toContain('Eve�[2J�gnp')
  })
})

describe('users disable and enable', () => {
  test('close and open the way in, and say when there is nothing to do', async () => {
    await add('ada@example.com')
    expect(await bench.run(['users', 'disable', 'ada@example.com'])).toBe('ada@example.com is disabled now.')
    expect(await signsIn('ada@example.com', PASSWORD)).toBe(false)
    expect(await bench.run(['users', 'disable', 'ada@example.com'])).toBe(
      'Nothing changed: ada@example.com is disabled already.',
    )
    expect(await bench.run(['users', 'enable', 'ADA@example.com'])).toBe('ada@example.com is enabled now.')
    expect(await signsIn('ada@example.com', PASSWORD)).toBe(true)
  })

  test('refuse an unknown address and name the nearest', async () => {
    await add('ada@example.com')
    expect(await bench.refusal(['users', 'disable', 'adda@example.com'])).toMatchObject({
      code: 'FAILED',
      message: 'No person has the e-mail address "adda@example.com".',
      fix: 'use "ada@example.com", or see "zuko-mcp admin users list"',
    })
  })
})

describe('users link', () => {
  const ISSUER = 'https://login.example.com/auth'

  test('ties a foreign subject to an account, once', async () => {
    await add('ada@example.com')
    const args = ['users', 'link', 'ada@example.com', 'sub-1', '--issuer', ISSUER]
    expect(await bench.run(args)).toBe(`Linked: subject "sub-1" of ${ISSUER} is ada@example.com.`)
    expect(await bench.store.principals.bySubject(ISSUER, 'sub-1')).toMatchObject({ userId: 1 })
    expect(await bench.run(args)).toMatch(/^Nothing changed: /)
  })

  test('takes the issuer from BETTER_AUTH_URL', async () => {
    bench = await adminBench({ BETTER_AUTH_URL: 'https://login.example.com' })
    await add('ada@example.com')
    await bench.run(['users', 'link', 'ada@example.com', 'sub-1'])
    expect(await bench.store.principals.bySubject(ISSUER, 'sub-1')).toMatchObject({ userId: 1 })
  })

  test('refuses to guess an issuer', async () => {
    await add('ada@example.com')
    expect(await bench.refusal(['users', 'link', 'ada@example.com', 'sub-1'])).toMatchObject({
      code: 'USAGE',
      fix: 'name it with --issuer URL, or set OAUTH_ISSUER',
    })
  })

  test("refuses somebody else's subject", async () => {
    await add('ada@example.com')
    await add('jo@example.com')
    await bench.run(['users', 'link', 'ada@example.com', 'sub-1', '--issuer', ISSUER])
    const error = await bench.refusal(['users', 'link', 'jo@example.com', 'sub-1', '--issuer', ISSUER])
    expect(error.code).toBe('FAILED')
    expect(await bench.store.principals.bySubject(ISSUER, 'sub-1')).toMatchObject({ userId: 1 })
  })
})
