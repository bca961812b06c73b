import stringWidth from 'string-width'
import { afterEach, describe, expect, test } from 'vitest'
import { type AdminBench, adminBench, NOW } from '../../helpers/admin.js'
import { demoBench, type Screens, showScreens } from '../../helpers/screens.js'
import { newTask } from '../../helpers/store.js'

let screens: Screens
afterEach(() => screens.close())

/** A store of one organization whose tasks have these titles, the last of them the newest. */
async function benchWith(titles: readonly string[]): Promise<AdminBench> {
  const bench = await adminBench()
  const { store } = bench
  const { id: userId } = await store.people.add({ name: 'Ada', email: 'ada@example.com', at: 0 })
  const organization = await store.organizations.add({ name: 'Acme', slug: 'acme', at: 0 })
  await store.members.add({ userId, organizationId: organization.id, role: 'owner', at: 0 })
  const actor = { userId, at: NOW.getTime() }
  const tasks = titles.map((title) => ({ actor, task: newTask(organization.id, { title }) }))
  await store.seeds.addTasks(tasks, { clientId: 'test', requestId: 'seed' })
  return bench
}

async function showTasks(bench: AdminBench, size?: { width: number; height: number }): Promise<string> {
  screens = await showScreens(bench, size)
  await screens.press('4')
  return screens.until(/ of \d|There is no task/)
}

describe('the list', () => {
  test('shows tasks newest first', async () => {
    const frame = await showTasks(await demoBench())
    expect(frame.split('\n').slice(0, 8).join('\n')).toMatchInlineSnapshot(`
      " 1 Overview  2 People  3 Organizations  4 Tasks  5 Clients  6 Audit
      ────────────────────────────────────────━━━━━━━─────────────────────────────────
       Tasks                                                                  1 of 60

               #  STATUS         TITLE                                     UPDATED
       ❯      60  ○ To do        Plan the holiday gift boxes               12 h
              59  ○ To do        Thank-you cards for the Fennel & Rye te…  15 h
              58  ○ To do        Call back Mr. Osei about the flickering…  20 h"
    `)
    expect(screens.lines().at(-1)).toBe(
      ' ↑↓ move   ⏎ open   / filter   s status                         ? keys   q quit',
    )
  })

  test('shows more columns where there is room', async () => {
    const frame = await showTasks(await demoBench(), { width: 132, height: 24 })
    expect(frame).toMatch(/# {2}STATUS +TITLE +ASSIGNEE +ORGANIZATION +UPDATED/)
    expect(frame).toMatch(/❯ +60 {2}○ To do +Plan the holiday gift boxes +– +Juniper Coffee Roas… +12 h/)
  })

  test('says what to do when there is none', async () => {
    expect(await showTasks(await adminBench())).toContain('zuko-mcp admin seed --demo')
  })

  test('is narrowed down by what is typed, and by status', async () => {
    await showTasks(await demoBench())
    await screens.press('/', 'fennel')
    expect(await screens.until('1 of 2')).toContain('/fennel▏')
    await screens.press('enter', 's', 's')
    const frame = await screens.until('1 of 1')
    expect(frame).toContain('Tasks · in progress')
    expect(frame).toContain('Launch the Fennel & Rye web shop')
    await screens.press('escape', 'escape')
    await screens.until('1 of 60')
  })

  test('finds a task by its number', async () => {
    await showTasks(await demoBench())
    await screens.press('/', '#42', 'enter')
    expect(await screens.until('1 of 1')).toMatch(/❯ +42 /)
  })

  test('says so when nothing is like that', async () => {
    await showTasks(await demoBench())
    await screens.press('/', 'zzz')
    await screens.until('Nothing is like that. Esc shows everything again.')
    await screens.press('escape')
    await screens.until('1 of 60')
  })
})

describe('10,000 tasks', () => {
  const titles = Array.from({ length: 10_000 }, (_, index) => `Call ${index + 1}`)

  test('are read a page at a time, and only those that are seen are drawn', async () => {
    const bench = await benchWith(titles)
    const frame = await showTasks(bench)
    expect(frame).toContain('1 of 100+')
    expect(screens.lines()).toHaveLength(24)
    expect(frame.match(/Call \d+/g)).toHaveLength(17)
  })

  test('are walked by row, by page and to the end of what was read', async () => {
    await showTasks(await benchWith(titles))
    await screens.press('down', 'j', 'up')
    await screens.until(/❯ +9999 /)
    await screens.press('pagedown')
    await screens.until(/❯ +9983 /)
    await screens.press('end')
    await screens.until('100 of 200+')
    await screens.press('G')
    await screens.until('200 of 300+')
    await screens.press('g')
    expect(await screens.until(/❯ +10000 /)).toContain('1 of 300+')
  })

  test('keep the chosen one when newer ones come', async () => {
    const bench = await benchWith(titles.slice(0, 20))
    await showTasks(bench)
    await screens.press('down', 'down')
    await screens.until(/❯ +18 /)
    const actor = { userId: 1, clientId: 'test', requestId: 'r', at: NOW.getTime() }
    await bench.store.tasks.create(actor, newTask(1, { title: 'The newest' }))
    await screens.press('r')
    expect(await screens.until('The newest')).toMatch(/❯ +18 /)
  })
})

describe('a title', () => {
  const HOSTILE = [
    '\u001b[2J\u001b[31mred\u001b[0m',
    'bell\u0007 and \u009b31m',
    'two\nlines\tand a tab',
    '\u001b]0;title\u0007 \u202eright to left',
  ]

  test('never drives the terminal', async () => {
    const frame = await showTasks(await benchWith(HOSTILE))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(frame).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    expect(frame).toContain('�[2J�[31mred�[0m')
    expect(frame).toContain('two lines and a tab')
    expect(screens.lines()).toHaveLength(24)
  })

  test.each([
    ['Chinese', '完成季度報告並寄給所有合作夥伴以及董事會成員請大家確認'],
    ['a family', '👩‍👩‍👧‍👦 family plan for 👍🏽 customers ❤️ and 🇨🇭 flags in every town of the land'],
    ['accents that combine', 'Zu\u0308rich e\u0301te\u0301 '.repeat(6)],
    ['Arabic', 'تقرير ربع السنة للشركاء وأعضاء مجلس الإدارة في كل المدن'],
  ])('in %s keeps its columns', async (_, title) => {
    await showTasks(await benchWith([title, 'Plain']))
    const ends = screens
      .lines()
      .filter((line) => line.endsWith('now'))
      .map((line) => stringWidth(line))
    expect(ends).toHaveLength(2)
    expect(new Set(ends).size).toBe(1)
    expect(screens.widest()).toBeLessThanOrEqual(80)
  })
})
