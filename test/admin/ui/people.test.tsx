import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SCOPES } from '../../../src/tools/scopes.js'
import { type AdminBench, adminBench, NOW } from '../../helpers/admin.js'
import { demoBench, type Screens, showScreens } from '../../helpers/screens.js'

let bench: AdminBench
let screens: Screens
afterEach(() => screens.close())

/** Ada allowed two programs everything, and Yuki one of them. */
async function allow(): Promise<void> {
  const { store } = bench
  const [ada, yuki] = [
    await store.people.findByEmail('ada@example.com'),
    await store.people.findByEmail('yuki@example.com'),
  ]
  const at = NOW.getTime()
  const grant = (userId: number | undefined, clientId: string, clientName: string) =>
    store.grants.ensure({ userId: userId ?? 0, clientId, clientName, scopes: SCOPES, at })
  await grant(ada?.id, 'desk-1', 'Claude Desktop')
  await grant(ada?.id, 'code-1', 'Codex \u001b[31m')
  await grant(yuki?.id, 'desk-1', 'Claude Desktop')
}

beforeEach(async () => {
  bench = await demoBench()
  await allow()
  screens = await showScreens(bench)
})

describe('people', () => {
  beforeEach(async () => {
    await screens.press('2')
    await screens.until('1 of 5')
  })

  test('are listed with where they belong', () => {
    expect(screens.frame()).toMatch(/❯ ada@example.com +Ada Okafor +harbor, juniper, northl…/)
    expect(screens.frame()).toMatch(/grace@example.com +Grace Lindqvist +northlight/)
  })

  test('are found by name', async () => {
    await screens.press('/', 'LINDQ')
    expect(await screens.until('1 of 1')).toMatch(/❯ grace@example.com/)
  })

  test('are opened: memberships with roles, and what they allowed', async () => {
    await screens.press('enter')
    const frame = await screens.until('2 clients')
    expect(frame).toContain('Belongs to  3 organizations')
    expect(frame).toMatch(/harbor +member/)
    expect(frame).toMatch(/Claude Desktop +2026-03-01 {2}organizations:read tasks:read tasks:write/)
  })

  test('lead to the tasks of an organization, and back', async () => {
    await screens.press('enter')
    await screens.until('2 clients')
    await screens.press('enter')
    await screens.until('Tasks of harbor')
    await screens.press('escape')
    await screens.until('Belongs to')
  })

  test('that are disabled say so', async () => {
    await bench.run(['users', 'disable', 'mateo@example.com'])
    await screens.press('r')
    await screens.until(/mateo@example.com +Mateo Rivera +disabled juniper/)
  })
})

describe('organizations', () => {
  beforeEach(async () => {
    await screens.press('3')
    await screens.until('1 of 3')
  })

  test('are listed with how many members and tasks they have', () => {
    expect(screens.frame()).toMatch(/❯ Harbor Design Studio +harbor +3 +20/)
  })

  test('are opened: their members with roles', async () => {
    await screens.press('enter')
    const frame = await screens.until('3 people')
    expect(frame).toMatch(/yuki@example.com +Yuki Tanaka +owner/)
    await screens.press('escape')
    await screens.until('1 of 3')
  })

  test('lead to their tasks, and back', async () => {
    await screens.press('down', 't')
    await screens.until('Tasks of Juniper Coffee Roasters')
    await screens.until('1 of 19')
    await screens.press('escape')
    await screens.until('2 of 3')
  })
})

describe('clients and grants', () => {
  beforeEach(async () => {
    await screens.press('5')
    await screens.until('1 of 2')
  })

  const grants = async () => (await bench.store.grants.list()).map((one) => `${one.email} ${one.clientId}`)

  test('are listed with how many people allowed them something, and never drive the terminal', () => {
    expect(screens.frame()).toMatch(/Claude Desktop +– +2 +refused +2026-03-01/)
    expect(screens.frame()).toContain('Codex �[31m')
  })

  test('a grant is revoked after a yes', async () => {
    await screens.press('/', 'claude', 'enter')
    await screens.until('1 of 1')
    await screens.press('enter')
    await screens.until('2 people')
    await screens.press('down', 'x')
    const asked = await screens.until('? Revoke what yuki@example.com allowed Claude Desktop?')
    expect(asked).toContain('y yes   n no')
    await screens.press('y')
    await screens.until('✓ yuki@example.com allows desk-1 nothing any more.')
    await screens.until('Allowed by 1 person')
    expect(await grants()).toEqual(['ada@example.com code-1', 'ada@example.com desk-1'])
  })

  test.each(['n', 'escape'])('a grant stays after %s, and no other key is heard before', async (key) => {
    await screens.press('enter')
    await screens.until('1 person')
    await screens.press('x')
    await screens.until('? Revoke')
    await screens.press('q', '1', 'j')
    await screens.until('? Revoke')
    await screens.press(key)
    await screens.until('? Revoke', false)
    expect(screens.left).toEqual([])
    expect(await grants()).toHaveLength(3)
  })

  test('a client is refused for good after a yes, in the words of the command', async () => {
    const { store } = bench
    await screens.press('/', 'claude', 'enter')
    await screens.until('1 of 1')
    await screens.press('x')
    await screens.until('? Refuse Claude Desktop for good, and end its 2 grants?')
    await screens.press('y')
    await screens.until('desk-1 ("Claude Desktop")')
    expect((await store.clients.list()).find(({ clientId }) => clientId === 'desk-1')?.disabled).toBe(true)
  })
})

test('an empty store says what to do on each screen', async () => {
  screens.close()
  screens = await showScreens(await adminBench())
  for (const [key, words] of [
    ['2', 'zuko-mcp admin users add EMAIL'],
    ['3', 'zuko-mcp admin organizations add NAME'],
    ['4', 'zuko-mcp admin seed --demo'],
    ['5', 'No client has registered yet.'],
    ['6', 'Nothing has changed yet.'],
  ] as const) {
    await screens.press(key)
    await screens.until(words)
  }
})
