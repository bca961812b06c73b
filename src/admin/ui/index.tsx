import { render } from 'ink'
import { shownDatabase } from '../../database-url.js'
import { ZukoError } from '../../errors.js'
import type { AdminDeps } from '../deps.js'
import type { WholeTerminal } from '../io.js'
import { App } from './app.js'
import { openCanvas } from './terminal.js'

/**
 * Shows the screens until the person leaves. The terminal is as it was before, whatever ends them.
 * @throws ZukoError INTERRUPTED when they are ended from outside
 */
export async function openScreens(deps: AdminDeps, terminal: WholeTerminal): Promise<void> {
  const [{ database }, store] = [await deps.config(), await deps.store()]
  const canvas = openCanvas(terminal.output)
  const { ended, end, dispose } = ending(deps.signal)
  try {
    const app = (
      <App
        {...{ deps, store }}
        path={shownDatabase(database)}
        colour={terminal.output.hasColors()}
        leave={end}
      />
    )
    const screens = render(app, {
      stdout: canvas.frames,
      stdin: terminal.input,
      // Every render is one whole frame; which of its lines are written is the canvas' own business.
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    })
    const how = await Promise.race([ended, screens.waitUntilExit().then(() => 'quit' as const)])
    screens.unmount()
    if (how === 'interrupt') throw new ZukoError('INTERRUPTED', 'Interrupted; what was saved stays.')
  } finally {
    canvas.close()
    dispose()
  }
}

type How = 'quit' | 'interrupt'

/** The one end of the screens: the person leaves, the process is asked to end, or the terminal goes away. */
function ending(signal: AbortSignal) {
  let end: (how: How) => void = () => {}
  const interrupt = () => end('interrupt')
  const ended = new Promise<How>((resolve) => {
    end = resolve
    if (signal.aborted) resolve('interrupt')
  })
  signal.addEventListener('abort', interrupt, { once: true })
  process.on('SIGHUP', interrupt)
  const dispose = () => {
    signal.removeEventListener('abort', interrupt)
    process.off('SIGHUP', interrupt)
  }
  return { ended, end, dispose }
}
