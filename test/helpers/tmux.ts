import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Whether there is a tmux to run a terminal in. */
export const hasTmux = spawnSync('tmux', ['-V']).status === 0

const PATIENCE_MS = 20_000

export interface TmuxOptions {
  /** A folder of its own: the shell starts there, and the server's socket lies there. */
  folder: string
  width: number
  height: number
  env: Record<string, string>
}

/** A shell in a terminal of its own: a tmux server on a socket that nobody else uses. */
export async function openTmux({ folder, width, height, env }: TmuxOptions) {
  const socket = join(mkdtempSync(join(folder, 'terminal-')), 'tmux')
  // Without CI: Ink and others look at it, and a person's terminal has none.
  const { CI: _ci, TMUX: _tmux, ...inherited } = process.env
  const surroundings = { ...inherited, ...env, TERM: 'xterm-256color' }

  function tmux(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync('tmux', ['-S', socket, '-f', '/dev/null', ...args], {
      env: surroundings,
      cwd: folder,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`tmux ${args.join(' ')}: ${stderr}`)
    return stdout
  }
  const screen = () => tmux('capture-pane', '-p').replace(/\n+$/, '')
  const colours = () => tmux('capture-pane', '-p', '-e')
  const isOn = (mode: 'alternate_on' | 'cursor_flag' | 'wrap_flag') =>
    tmux('display-message', '-p', `#{${mode}}`).trim() === '1'

  /** Waits until the screen shows something, and answers the screen. */
  async function until(wanted: string | RegExp): Promise<string> {
    const late = Date.now() + PATIENCE_MS
    for (let shown = screen(); ; shown = screen()) {
      if (typeof wanted === 'string' ? shown.includes(wanted) : wanted.test(shown)) return shown
      if (Date.now() > late) throw new Error(`Never seen: ${wanted}\n${shown}`)
      await sleep(50)
    }
  }
  /** Closes the terminal as a window is closed; what runs in it is told. Safe to call twice. */
  const close = () => void spawnSync('tmux', ['-S', socket, 'kill-server'])
  tmux('new-session', '-d', '-x', String(width), '-y', String(height), 'bash --norc --noprofile')
  try {
    tmux('set-option', '-g', 'status', 'off')
    await until(/[$#]/)
    tmux('send-keys', "PS1='$ '; clear", 'Enter')
    await until(/^\$$/)
  } catch (error) {
    close()
    throw error
  }
  return {
    screen,
    colours,
    isOn,
    until,
    /** Sends keys by tmux's names, or text. */
    keys: (...keys: string[]) => void tmux('send-keys', ...keys),
    /** Types a line of the shell on an empty screen. */
    run: (line: string) => void tmux('send-keys', `clear; ${line}`, 'Enter'),
    resize: (columns: number, rows: number) =>
      void tmux('resize-window', '-x', String(columns), '-y', String(rows)),
    /** The process id of the shell. */
    shell: () => Number(tmux('display-message', '-p', '#{pane_pid}')),
    close,
  }
}

export type Tmux = Awaited<ReturnType<typeof openTmux>>
