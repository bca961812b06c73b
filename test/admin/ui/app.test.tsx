import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AdminBench } from '../../helpers/admin.js'
import { demoBench, type Screens, showScreens } from '../../helpers/screens.js'

let bench: AdminBench
let screens: Screens
beforeEach(async () => {
  bench = await demoBench()
  screens = await showScreens(bench)
  await screens.until('healthy')
})
afterEach(() => screens.close())

/** The heavy part of the line under the names of the screens. */
const underlined = () => {
  const [names = '', line = ''] = screens.lines()
  return names.slice(line.indexOf('━'), line.lastIndexOf('━') + 1)
}

describe('going around', () => {
  test.each([
    ['2', '2 People'],
    ['3', '3 Organizations'],
    ['4', '4 Tasks'],
    ['5', '5 Clients'],
    ['6', '6 Audit'],
    ['tab', '2 People'],
    ['shift+tab', '6 Audit'],
    ['right', '2 People'],
    ['left', '6 Audit'],
  ])('%s leads to %s, seen without colour', async (key, name) => {
    await screens.press(key)
    await expect.poll(underlined).toBe(name)
  })

  test('a screen is found again as it was left', async () => {
    await screens.press('4')
    await screens.until('1 of 60')
    await screens.press('/', 'fennel', 'enter', 'down', '1', '4')
    expect(await screens.until('2 of 2')).toContain('/fennel')
  })

  test('keys that come in one piece are heard one after the other', async () => {
    await screens.press('4')
    await screens.until('1 of 60')
    await screens.press('/fennel\r\u001b[B')
    await screens.until('/fennel  2 of 2')
  })

  test('a long text can be pasted', async () => {
    const text = 'A title that somebody pasted. '.repeat(10).trim()
    await screens.press('4')
    await screens.until('1 of 60')
    await screens.press('enter')
    await screens.until('Owners')
    await screens.press(`e\u0015${text}\r`)
    await screens.until('Saved title of #60.')
    expect((await bench.store.operator.tasks.get(0, 60))?.title).toBe(text)
  })
})

describe('leaving', () => {
  test.each([
    ['q', 'quit'],
    ['ctrl+c', 'interrupt'],
  ])('%s leaves', async (key, how) => {
    await screens.press(key)
    expect(screens.left).toEqual([how])
  })

  test('q is a letter while somebody types, and Ctrl+C leaves even then', async () => {
    await screens.press('2')
    await screens.until('1 of 5')
    await screens.press('/', 'q')
    await screens.until('/q▏')
    expect(screens.left).toEqual([])
    await screens.press('ctrl+c')
    expect(screens.left).toEqual(['interrupt'])
  })
})

describe('help', () => {
  test('? shows every key, and hides them again', async () => {
    await screens.press('?')
    expect(await screens.until('Keys')).toContain('a change in the audit: take it back')
    await screens.press('?')
    await screens.until('Last changes')
    await screens.press('?', 'escape')
    await screens.until('Last changes')
  })

  test('can be read to its end on a small terminal', async () => {
    await screens.resize(60, 15)
    await screens.press('?', 'end')
    await screens.until('leave')
    expect(screens.widest()).toBeLessThanOrEqual(60)
  })
})

describe('the size', () => {
  test.each([
    [80, 24],
    [60, 15],
    [40, 10],
    [132, 43],
  ])('%i × %i holds every screen', async (width, height) => {
    await screens.resize(width, height)
    for (const key of ['1', '2', '3', '4', '5', '6', '?']) {
      await screens.press(key)
      expect(screens.lines()).toHaveLength(height)
      expect(screens.widest()).toBeLessThanOrEqual(width)
    }
  })

  test('too small a terminal says what would do', async () => {
    await screens.resize(39, 24)
    expect(screens.frame()).toContain('Make this at least 40 × 10.')
    await screens.resize(80, 24)
    await screens.until('Last changes')
  })
})

test('r reads again', async () => {
  await screens.press('3')
  await screens.until('1 of 3')
  await bench.run(['organizations', 'add', 'Zenith'])
  await screens.press('r')
  await screens.until('1 of 4')
})
