import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from './helpers/sources.js'

const BINARY = join(ROOT, 'bin', 'zuko-mcp.js')
let folder: string
beforeAll(() => {
  if (!existsSync(join(ROOT, 'dist', 'cli.js')))
    throw new Error('There is no dist/cli.js. Fix: npm run build.')
  folder = mkdtempSync(join(tmpdir(), 'zuko-process-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Run {
  args: string[]
  env?: Record<string, string>
  /** Options of node itself. */
  node?: string[]
}

function start({ args, env = {}, node = [] }: Run) {
  const { PATH = '' } = process.env
  const database = `file:${join(folder, 'zuko.db')}`
  const child = spawn(process.execPath, [...node, BINARY, ...args], {
    env: { PATH, HOME: folder, DATABASE_URL: database, ...env },
  })
  const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)])
  const result = ended.then(([[code, signal], stdout, stderr]) => ({ code, signal, stdout, stderr }))
  return { child, result }
}

const run = (given: Run) => {
  const { child, result } = start(given)
  child.stdin.end()
  return result
}

describe('zuko-mcp, as a process', () => {
  test('--version prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    expect(await run({ args: ['--version'] })).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  test.each([
    [[], 'Usage: zuko-mcp '],
    [['--help'], 'Usage: zuko-mcp '],
    [['admin'], 'Usage: zuko-mcp admin '],
    [['admin', 'users', '--help'], 'Usage: zuko-mcp admin users '],
    [['help', 'serve'], 'Usage: zuko-mcp serve '],
  ])('%j prints help on stdout and ends with 0', async (args, usage) => {
    const { code, stdout, stderr } = await run({ args })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(usage)
    expect(stdout.match(/Usage:/g)).toHaveLength(1)
  })

  test('help whose reader has left ends without a word', async () => {
    const child = spawn(process.execPath, [BINARY, 'admin', 'seed', '--help'])
    child.stdout.destroy()
    const [[code], stderr] = await Promise.all([once(child, 'close'), text(child.stderr)])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test('wrong usage ends with 2 and one line on stderr', async () => {
    const { code, stdout, stderr } = await run({ args: ['admin', 'users', 'lst'] })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(
      `zuko-mcp: Unknown command 'lst'. Fix: use list, or see "zuko-mcp admin users --help".\n`,
    )
  })

  test('what failed ends with 1 and one line that says what to do', async () => {
    const { code, stdout, stderr } = await run({ args: ['admin', 'users', 'disable', 'nobody@example.com'] })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      'zuko-mcp: No person has the e-mail address "nobody@example.com". Fix: see "zuko-mcp admin users list".\n',
    )
  })

  test('a store that cannot be opened ends with 1 and one line', async () => {
    const env = { DATABASE_URL: `file:${join(ROOT, 'package.json')}` }
    const { code, stderr } = await run({ args: ['admin', 'users', 'list'], env })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^zuko-mcp: The store .*package\.json.*\. Fix: .*\.\n$/)
  })

  test.each(['serve', 'admin users list'])(
    '%s with a wrong configuration ends with 78 and every problem',
    async (words) => {
      const env = { BACKEND_URL: 'ftp://x/y', RATE_LIMIT: 'lots', LOG_LEVEL: 'loud' }
      const { code, stdout, stderr } = await run({ args: words.split(' '), env })
      expect({ code, stdout }).toEqual({ code: 78, stdout: '' })
      expect(stderr.split('\n').map((line) => line.split(' must ')[0])).toEqual([
        'zuko-mcp: The configuration is wrong.',
        '  BACKEND_URL',
        '  RATE_LIMIT',
        '  LOG_LEVEL',
        '',
      ])
    },
  )

  test('shows a stack with LOG_LEVEL=debug', async () => {
    const args = ['admin', 'users', 'disable', 'nobody@example.com']
    const { stderr } = await run({ args, env: { LOG_LEVEL: 'debug' } })
    expect(stderr).toMatch(/\n\s+at .*find\.js/)
  })

  test('an older Node gets one clear line', async () => {
    const old = `data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '20.18.9' })`
    expect(await run({ args: ['--version'], node: ['--import', old] })).toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        'zuko-mcp: This is Node 20.18.9; zuko-mcp needs Node 20.19 or later. Fix: install a current one from https://nodejs.org.\n',
    })
  })

  test('prints a token and nothing else', async () => {
    await run({ args: ['admin', 'users', 'add', 'ada@example.com'] })
    const { code, stdout, stderr } = await run({ args: ['admin', 'token', '--as', 'ada@example.com'] })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
  })

  test('an interrupted command ends with 130 and changes nothing', async () => {
    const { child, result } = start({ args: ['admin', 'users', 'add', 'jo@example.com', '--password-stdin'] })
    child.stdin.on('error', () => {})
    const store = `${join(folder, 'zuko.db')}-wal`
    while (!existsSync(store)) await new Promise((resolve) => setTimeout(resolve, 20))
    child.kill('SIGINT')
    expect(await result).toMatchObject({
      code: 130,
      stdout: '',
      stderr: 'zuko-mcp: Interrupted; nothing changed.\n',
    })
    expect((await run({ args: ['admin', 'users', 'list'] })).stdout).not.toContain('jo@example.com')
  })
})
