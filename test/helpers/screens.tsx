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

const PATIENCE_MS = 10_000

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

  async function resize(columns: number, rows: number): Promise<void> {
    Object.defineProperty(shown.stdout, 'columns', { value: columns, configurable: true })
    Object.defineProperty(shown.stdout, 'rows', { value: rows, configurable: true })
    shown.stdout.emit('resize')
    await sleep(10)
  }

  /** Waits until the screen shows something (or no longer does), and answers the screen. */
  async function until(wanted: string | RegExp, there = true): Promise<string> {
    const late = Date.now() + PATIENCE_MS
    const shows = () => (typeof wanted === 'string' ? frame().includes(wanted) : wanted.test(frame()))
    while (shows() !== there) {
      if (Date.now() > late) throw new Error(`${there ? 'Never' : 'Still'} seen: ${wanted}\n${frame()}`)
      await sleep(5)
    }
    return frame()
  }

  /** Presses keys by name, or types text. */
  async function press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      shown.stdin.write(KEYS[key] ?? key)
      await sleep(10)
    }
  }
  await resize(width, height)
  await until('Overview')
  const widest = () => Math.max(...lines().map((line) => stringWidth(line)))
  return { frame, lines, widest, press, until, resize, left, close: () => shown.unmount() }
}

export type Screens = Awaited<ReturnType<typeof showScreens>>

/** A store with the demo CRM, told back from the fixed time. */
export async function demoBench(): Promise<AdminBench> {
  const bench = await adminBench()
  await seedDemo(bench.store, bench.auth, NOW)
  return bench
}
