import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AdminBench } from '../../helpers/admin.js'
import { demoBench, type Screens, showScreens } from '../../helpers/screens.js'

let bench: AdminBench
let screens: Screens
beforeEach(async () => {
  bench = await demoBench()
  screens = await showScreens(bench)
})
afterEach(() => screens.close())

async function open(id: number): Promise<string> {
  await screens.press('4')
  await screens.until('1 of 60')
  await screens.press('/', `#${id}`, 'enter')
  await screens.until(new RegExp(`❯ +${id} .*`))
  await screens.until('1 of 1')
  await screens.press('enter')
  return screens.until('Owners')
}

const parentId = async () => {
  const { tasks } = await bench.store.browse.tasks({ limit: 100 })
  return tasks.find(({ parentTaskId }) => parentTaskId !== null)?.parentTaskId ?? 0
}

describe('a task', () => {
  test('shows everything about it', async () => {
    expect(await open(60)).toMatchInlineSnapshot(`
      " 1 Overview  2 People  3 Organizations  4 Tasks  5 Clients  6 Audit
      ────────────────────────────────────────━━━━━━━─────────────────────────────────
       Task #60                                                        5 more lines ↓

         Plan the holiday gift boxes
         ○ To do  Juniper Coffee Roasters

         Assignee    –
         Owners      Ada Okafor  ada@example.com
                     Priya Nair  priya@example.com
         Created     2026-02-28 21:00 UTC by Ada Okafor
         Updated     2026-02-28 21:00 UTC  12 h
         Completed   –

         Description
         {
           "goal": "300 boxes, half of them to companies",
           "dates": {
             "samplesReady": "six weeks before",
             "lastOrders": "two weeks before"
           },
           "ideas": [

       ↑↓ move   e edit   h history   Esc back                        ? keys   q quit"
    `)
  })

  test('is scrolled to its end', async () => {
    await open(60)
    await screens.press('end')
    const frame = await screens.until('"ideas"')
    expect(frame).not.toContain('more line')
    expect(frame).not.toContain('Plan the holiday')
  })

  test('leads to its subtasks, and back', async () => {
    const id = await parentId()
    const task = await bench.store.operator.tasks.get(0, id)
    await open(id)
    expect(screens.frame()).toMatch(/Subtasks {2}\d of \d done/)
    await screens.press('enter')
    const child = task?.subtasks[0]
    await screens.until(`Task #${child?.id}`)
    await screens.until('Part of')
    await screens.press('escape')
    await screens.until(`Task #${id}`)
  })

  test('shows its history, and Esc returns to it', async () => {
    await open(59)
    await screens.press('h')
    expect(await screens.until('1 of 2')).toContain('Audit of task #59')
    await screens.press('escape')
    await screens.until('Task #59')
  })

  test('that is gone says so', async () => {
    await open(60)
    await bench.store.organizations.remove(
      (await bench.store.operator.tasks.get(0, 60))?.organization.id ?? 0,
    )
    await screens.press('r')
    await screens.until('There is no task #60 any more.')
    await screens.press('escape')
    await screens.until('Tasks')
  })
})

describe('editing', () => {
  test('changes title, status and assignee through update_task, and the audit names the operator', async () => {
    await open(60)
    await screens.press('e', 'ctrl+u', 'Order the gift boxes', 'tab', 'right', 'tab', 'Priya Nair')
    const form = await screens.until('Priya Nair▏')
    expect(form).toMatchInlineSnapshot(`
      " 1 Overview  2 People  3 Organizations  4 Tasks  5 Clients  6 Audit
      ────────────────────────────────────────━━━━━━━─────────────────────────────────
       Edit #60

         Title       Order the gift boxes
         Status      ◐ In progress
       ❯ Assignee    Priya Nair▏

         Assignee: a member's e-mail, id or name; empty for nobody.
         The audit will name operator, through zuko-mcp-admin.













       ⏎ save   Esc cancel   Tab next field   ←→ change"
    `)
    await screens.press('enter')
    await screens.until('✓ Saved title and status and assignee of #60.')
    const frame = await screens.until('Order the gift boxes')
    expect(frame).toContain('◐ In progress')
    expect(frame).toContain('Assignee    priya@example.com')
    const [change] = await bench.store.audit.list({ taskId: 60, limit: 1 })
    expect(change).toMatchObject({ userId: 0, clientId: 'zuko-mcp-admin', action: 'update' })
    expect(Object.keys(change?.changes ?? {})).toEqual(['title', 'status', 'assignee'])
  })

  test('takes the assignee away when the field is emptied', async () => {
    await open(59)
    await screens.press('e', 'shift+tab', 'ctrl+u', 'enter')
    await screens.until('Saved assignee of #59.')
    await screens.until(/Assignee +–/)
  })

  test('changes nothing when nothing was changed, or when it is left', async () => {
    await open(60)
    await screens.press('e', 'enter')
    await screens.until('✓ Nothing changed.')
    await screens.press('e', 'x', 'y', 'escape')
    expect(await screens.until('Task #60')).toContain('Plan the holiday gift boxes')
    expect(await bench.store.audit.list({ taskId: 60, limit: 9 })).toHaveLength(1)
  })

  test('is refused in words when a value cannot be, and what was typed stays', async () => {
    await open(60)
    await screens.press('e', 'ctrl+u', 'enter')
    const words =
      '! Wrong arguments: title is "". Fix: title must be text of 1 to 500 characters; leave "title" out to keep it.'
    expect(await screens.until(words)).toContain('Edit #60')
  })

  test('is refused when the task changed meanwhile, and the task is shown as it is now', async () => {
    await open(60)
    await screens.press('e', ' soon')
    await screens.until('soon▏')
    const actor = { userId: 0, clientId: 'other', requestId: 'r', at: Date.now() }
    await bench.store.operator.tasks.update(actor, 60, { title: 'Changed elsewhere' })
    await screens.press('enter')
    await screens.until('! The task changed meanwhile')
    await screens.until('Changed elsewhere')
  })

  test('says that an assignee names no member', async () => {
    await open(60)
    await screens.press('e', 'shift+tab', 'Somebody', 'enter')
    await screens.until('names no member of the organization')
  })
})
