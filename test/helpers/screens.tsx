import { setTimeout as sleep } from 'node:timers/promises'
import { render } from 'ink-testing-library'
import stringWidth from 'string-width'
import type { AdminDeps } from '../../src/admin/deps.js'
import { App } from '../../src/admin/ui/app.js'
import { seedDemo } from '../../src/demo.js'
import { type AdminBench, adminBench, NOW, scriptedIo } from './admin.js'

const ESC = '\u001b'
const KEYS: Record<string, string> = {
  up: `${ESC}[A`,
  down: `${ESC}[B`,
  right: `${ESC}[C`,
  left: `${ESC}[D`,
  home: `${ESC}[H`,
  end: `${ESC}[F`,
  pageup: `${ESC}[5~`,
  pagedown: `${ESC}[6~`,
  enter: '\r',
  escape: ESC,
  tab: '\t',
  'shift+tab': `${ESC}[Z`,
  backspace: '\u007f',
  'ctrl+c': '\u0003',
  'ctrl+u': '\u0015',
}

const PATIENCE_MS = 30_000

export interface ShowOptions {
  width?: number
  height?: number
}

/** The screens over a store, on a terminal of some size. */
export async function showScreens(bench: AdminBench, { width = 80, height = 24 }: ShowOptions = {}) {
  const { store, auth, config } = bench
  const deps: AdminDeps = {
    io: scriptedIo().io,
    signal: new AbortController().signal,
    now: () => NOW,
    config: async () => config,
    store: async () => store,
    auth: async () => auth,
  }
  const left: string[] = []
  const leave = (how: string) => void left.push(how)
  const shown = render(<App deps={deps} store={store} path="/data/zuko.db" colour={false} leave={leave} />)
  const frame = () => shown.lastFrame() ?? ''
  const lines = () => frame().split('\n')

  async function patiently(holds: () => boolean, wanted: string): Promise<void> {
    const late = Date.now() + PATIENCE_MS
    while (!holds()) {
      if (Date.now() > late) throw new Error(`Never seen: ${wanted}\n${frame()}`)
      await sleep(5)
    }
  }

  /** Waits until the screen shows something (or no longer does), be it broken into lines, and answers it. */
  async function until(wanted: string | RegExp, there = true): Promise<string> {
    const found = (text: string) => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text))
    const shows = () => found(frame()) || found(frame().replace(/\s+/g, ' '))
    await patiently(() => shows() === there, `${there ? '' : 'an end of '}${wanted}`)
    return frame()
  }

  async function resize(columns: number, rows: number): Promise<void> {
    Object.defineProperty(shown.stdout, 'columns', { value: columns, configurable: true })
    Object.defineProperty(shown.stdout, 'rows', { value: rows, configurable: true })
    shown.stdout.emit('resize')
    const fits = () => lines().length === rows && stringWidth(lines()[1] ?? '') === columns
    await patiently(() => fits() || frame().includes('Make this at least'), `${columns} × ${rows}`)
  }

  /** Presses keys by name, or types text. */
  async function press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      shown.stdin.write(KEYS[key] ?? key)
      await sleep(10)
    }
  }
  await until('Overview')
  await resize(width, height)
  const widest = () => Math.max(...lines().map((line) => stringWidth(line)))
  return { frame, lines, widest, press, until, resize, left, close: () => shown.unmount() }
}

export type Screens = Awaited<ReturnType<typeof showScreens>>

/** A store with the demo CRM, told back from the fixed time; without passwords, whose hashes take long. */
export async function demoBench(): Promise<AdminBench> {
  const bench = await adminBench({ BACKEND_URL: 'https://crm.example.com' })
  await seedDemo(bench.store, bench.auth, NOW)
  return bench
}
