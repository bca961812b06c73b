/** A terminal for clients that want a person at one. */
import { setTimeout as sleep } from 'node:timers/promises'
import { openTmux } from '../helpers/tmux.js'

export interface Terminal {
  screen(): string
  /** Runs a line of the shell to its end, and answers what the screen shows then. */
  line(command: string, seconds?: number): Promise<string>
  /** Types a line into what runs and enters it, as slowly as a person: a fast Enter is taken for a part of a paste. */
  enter(text: string): Promise<void>
  /** Waits until the screen shows something. */
  until(wanted: RegExp, seconds?: number): Promise<string>
  close(): void
}

export async function openTerminal(folder: string, env: Record<string, string>): Promise<Terminal> {
  const tmux = await openTmux({ folder, width: 200, height: 50, env })

  async function until(wanted: RegExp, seconds = 60): Promise<string> {
    const late = Date.now() + seconds * 1000
    for (let shown = tmux.screen(); ; shown = tmux.screen()) {
      if (wanted.test(shown)) return shown
      if (Date.now() > late) throw new Error(`The terminal never showed ${wanted}: ${shown}`)
      await sleep(100)
    }
  }

  return {
    screen: tmux.screen,
    until,
    async enter(text) {
      if (text) tmux.keys(text)
      await sleep(1500)
      tmux.keys('Enter')
    },
    async line(command, seconds) {
      tmux.run(`${command}; echo "ended with $?"`)
      return (await until(/^ended with \d+$/m, seconds)).replace(/^ended with \d+\n\$\s*$/m, '').trim()
    },
    close: tmux.close,
  }
}
