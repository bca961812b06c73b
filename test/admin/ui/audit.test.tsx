import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AdminBench } from '../../helpers/admin.js'
import { demoBench, type Screens, showScreens } from '../../helpers/screens.js'

let bench: AdminBench
let screens: Screens
beforeEach(async () => {
  bench = await demoBench()
  screens = await showScreens(bench)
  await screens.press('6')
  await screens.until('1 of 100+')
})
afterEach(() => screens.close())

test('changes are listed newest first: who, through what, which task, what', async () => {
  await screens.resize(120, 24)
  expect(screens.frame()).toMatch(/WHEN +WHO +THROUGH +TASK +WHAT/)
  expect(screens.frame()).toMatch(
    /❯ 1 h +ada@example.com +zuko-mcp-admin +18 {2}status TODO → IN_PROGRESS, assignee/,
  )
})

test('older changes are read when the end comes near', async () => {
  await screens.press('end')
  await screens.until('100 of 118')
  await screens.press('end')
  await screens.until('118 of 118')
})

test('a change is opened in full', async () => {
  await screens.press('enter')
  expect(await screens.until('Request')).toMatchInlineSnapshot(`
    " 1 Overview  2 People  3 Organizations  4 Tasks  5 Clients  6 Audit
    ────────────────────────────────────────────────────────────━━━━━━━─────────────
     Change 118

       When        2026-03-01 07:04 UTC
       Who         ada@example.com
       Through     zuko-mcp-admin
       Task        #18
       Request     seed-demo

       status
       from        TODO
       to          IN_PROGRESS

       assignee
       from        nothing
       to          mateo@example.com






     t its task   u undo   Esc back                                 ? keys   q quit"
  `)
})

test('a change is taken back after a yes, and that is a change itself', async () => {
  await screens.press('u')
  await screens.until('? Take change 118 back: status, assignee of #18 as before?')
  await screens.press('y')
  await screens.until('✓ Undid change 118')
  await screens.until(/now +operator +18 {2}status IN_PROGRESS → TODO/)
  expect((await bench.store.operator.tasks.get(0, 18))?.status).toBe('TODO')
})

test('a change that cannot be taken back says why', async () => {
  const rows = await bench.store.audit.list({ limit: 200 })
  const created = rows.findIndex(({ action }) => action === 'create')
  await screens.press(...Array.from({ length: created }, () => 'j'), 'u', 'y')
  await screens.until('! Change')
  await screens.until('cannot be uncreated')
})

test('a change leads to its task', async () => {
  await screens.press('t')
  await screens.until('Task #18')
  await screens.press('escape')
  await screens.until('1 of 100+')
})
