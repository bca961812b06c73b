import { afterEach, expect, test } from 'vitest'
import { adminBench } from '../../helpers/admin.js'
import { demoBench, type Screens, showScreens } from '../../helpers/screens.js'

let screens: Screens
afterEach(() => screens.close())

/** Without what follows the machine and the schema. */
const steady = (frame: string) =>
  frame.replace(/\d+ KB on/, 'N KB on').replace(/in (under )?\d+ ms/, 'in N ms')

test('shows the whole store at a glance', async () => {
  screens = await showScreens(await demoBench())
  expect(steady(await screens.until('healthy'))).toMatchInlineSnapshot(`
    " 1 Overview  2 People  3 Organizations  4 Tasks  5 Clients  6 Audit
    ─━━━━━━━━━━─────────────────────────────────────────────────────────────────────
     Overview  /data/zuko.db

       3 organizations     5 people     60 tasks

       ○ To do               23   38 %  ███████████████▍
       ◐ In progress         18   30 %  ████████████
       ● Done                16   27 %  ██████████▋
       ✕ Cancelled            3    5 %  ██

       Last changes  none in the last hour
       WHEN        WHO                      TASK  WHAT
     ❯ 1 h         ada@example.com            18  status TODO → IN_PROGRESS, assig…
       3 h         grace@example.com           8  status TODO → IN_PROGRESS, assig…
       4 h         yuki@example.com           26  status TODO → IN_PROGRESS, assig…
       7 h         ada@example.com            39  status TODO → IN_PROGRESS, assig…
       8 h         yuki@example.com           37  status TODO → IN_PROGRESS, assig…
       9 h         ada@example.com            21  status TODO → IN_PROGRESS, assig…
       12 h        ada@example.com            60  created Plan the holiday gift bo…

       Store  N KB on disk   ● healthy, answers in N ms

     1-6 screens   ↑↓ move   ⏎ open the task                        ? keys   q quit"
  `)
})

test('has room for everything on a small terminal', async () => {
  screens = await showScreens(await demoBench(), { width: 60, height: 15 })
  const frame = await screens.until('healthy')
  expect(screens.lines()).toHaveLength(15)
  expect(screens.widest()).toBeLessThanOrEqual(60)
  for (const word of ['60 tasks', 'To do', 'In progress', 'Done', 'Cancelled', 'Last changes', '❯']) {
    expect(frame).toContain(word)
  }
})

test('says what to do with an empty store', async () => {
  screens = await showScreens(await adminBench())
  const frame = await screens.until('healthy')
  expect(frame).toContain('0 organizations     0 people     0 tasks')
  expect(frame).toContain('none in the last hour')
  expect(frame).toContain('zuko-mcp admin seed --demo')
})

test('counts the changes of the last hour, and the people who are disabled', async () => {
  const bench = await demoBench()
  await bench.run(['users', 'disable', 'yuki@example.com'])
  await bench.run(['audit', 'undo', '118'])
  screens = await showScreens(bench)
  const frame = await screens.until('healthy')
  expect(frame).toContain('5 people (1 disabled)')
  expect(frame).toContain('Last changes  1 in the last hour')
  expect(frame).toMatch(/❯ now +operator +18 {2}status IN_PROGRESS → TODO/)
})

test('opens the task of a change', async () => {
  screens = await showScreens(await demoBench())
  await screens.until('healthy')
  await screens.press('down', 'enter')
  expect(await screens.until('Owners')).toContain('Task #8')
  await screens.press('escape')
  expect(await screens.until('healthy')).toContain('Last changes')
})

test('says in words that the store cannot be read', async () => {
  const bench = await adminBench()
  await bench.store.close()
  screens = await showScreens(bench)
  expect(await screens.until('store')).toContain('The store is closed.')
})
