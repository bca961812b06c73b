import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import stringWidth from 'string-width'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ROOT } from '../../helpers/sources.js'
import { hasTmux, openTmux, type Tmux } from '../../helpers/tmux.js'

const BINARY = join(ROOT, 'bin', 'zuko-mcp.js')
const SCREENS = `node ${BINARY} admin; echo "ended with $?"`

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe.skipIf(!hasTmux)('the screens in a real terminal (skipped where tmux is not installed)', () => {
  let folder: string
  let env: Record<string, string>
  let terminal: Tmux
  beforeAll(() => {
    if (!existsSync(join(ROOT, 'dist', 'cli.js')))
      throw new Error('There is no dist/cli.js. Fix: npm run build.')
    folder = mkdtempSync(join(tmpdir(), 'zuko-story-'))
    env = { DATABASE_URL: `file:${join(folder, 'zuko.db')}`, BACKEND_URL: 'https://crm.example.com' }
    execFileSync(process.execPath, [BINARY, 'admin', 'seed', '--demo'], { env: { ...process.env, ...env } })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  beforeEach(async () => {
    terminal = await openTmux({ folder, width: 80, height: 24, env })
  })
  afterEach(() => terminal.close())

  const open = async (words = '') => {
    terminal.run(`${words}${SCREENS}`)
    return terminal.until('healthy')
  }

  /** The process id of the program that the shell runs. */
  const program = () =>
    Number(execFileSync('pgrep', ['-P', String(terminal.shell())], { encoding: 'utf8' }).split('\n')[0])

  /** The terminal is as it was: its own screen with only what the shell wrote, its cursor, its line mode. */
  async function expectClean(...lines: string[]): Promise<void> {
    await terminal.until('ended with')
    expect(terminal.screen().split('\n')).toEqual([...lines, '$'])
    expect(
      ['alternate_on', 'cursor_flag', 'wrap_flag'].map((mode) => terminal.isOn(mode as 'wrap_flag')),
    ).toEqual([false, true, true])
    terminal.run('stty -a | grep -ow -e -icanon -e icanon -e -echo -e echo')
    await terminal.until(/^icanon\necho$/m)
  }

  test('a task is found, given to somebody else, seen in the audit, and taken back', async () => {
    expect(await open()).toContain('60 tasks')
    terminal.keys('4')
    await terminal.until('1 of 60')
    terminal.keys('/', 'gift boxes', 'Enter')
    await terminal.until('1 of 1')
    terminal.keys('Enter')
    await terminal.until('Owners')
    terminal.keys('e', 'Tab', 'Tab', 'C-u', 'mateo@example.com')
    await terminal.until('mateo@example.com▏')
    terminal.keys('Enter')
    await terminal.until('Saved assignee of #60.')
    await terminal.until(/Assignee +mateo@example.com/)
    terminal.keys('h')
    await terminal.until(/Audit of task #60[\s\S]+❯ now +operator +60 {2}assignee mateo@example.com/)
    terminal.keys('u')
    await terminal.until('? Take change')
    terminal.keys('y')
    await terminal.until('✓ Undid change')
    terminal.keys('Escape')
    await terminal.until(/Task #60[\s\S]+Assignee +–/)
    terminal.keys('q')
    await expectClean('ended with 0')
  })

  test('every screen fits 80 × 24, and any size that the terminal gets', async () => {
    await open()
    for (const [width, height] of [
      [80, 24],
      [60, 15],
      [132, 40],
      [80, 24],
    ] as const) {
      terminal.resize(width, height)
      for (const [key, word] of [
        ['1', 'Last changes'],
        ['2', 'ada@example.com'],
        ['3', 'Harbor'],
        ['4', 'Plan the holiday'],
        ['5', 'No client has registered'],
        ['6', 'status TODO'],
        ['?', 'go to a screen'],
      ] as const) {
        terminal.keys(key)
        const lines = (await terminal.until(word)).split('\n')
        expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width)
        const footer = /q quit$/
        await expect.poll(() => terminal.screen().split('\n')[height - 1]).toMatch(footer)
      }
    }
    terminal.keys('q')
    await expectClean('ended with 0')
  })

  test('colours are used, and NO_COLOR leaves none while the choice is still seen', async () => {
    await open()
    expect(terminal.colours()).toContain('\u001b[32m')
    terminal.keys('q')
    await terminal.until('ended with 0')
    expect(await open('NO_COLOR=1 ')).toContain('❯')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences of colours
    expect(terminal.colours()).not.toMatch(/\u001b\[[\d;]*\b(3[0-8]|4[0-8]|9[0-7])[\d;]*m/)
    terminal.keys('q')
    await expectClean('ended with 0')
  })

  test.each(['TERM', 'INT', 'HUP'])('SIG%s leaves the terminal clean', async (signal) => {
    await open()
    process.kill(program(), `SIG${signal}`)
    await expectClean('zuko-mcp: Interrupted; what was saved stays.', 'ended with 130')
  })

  test('the program ends when its terminal goes away', async () => {
    await open()
    const pid = program()
    terminal.close()
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
  })

  test('Ctrl+C leaves the terminal clean', async () => {
    await open()
    terminal.keys('C-c')
    await expectClean('zuko-mcp: Interrupted; what was saved stays.', 'ended with 130')
  })

  test('what another process writes is shown by itself', async () => {
    await open()
    terminal.keys('3')
    await terminal.until('1 of 3')
    execFileSync(process.execPath, [BINARY, 'admin', 'organizations', 'add', 'Zenith'], {
      env: { ...process.env, ...env },
    })
    await terminal.until('1 of 4')
  })
})
