/** A whole terminal, taken over and given back. */
import { EventEmitter } from 'node:events'
import type { WriteStream } from 'node:tty'

const ESC = '\u001b['
/** The other screen buffer, no cursor, and no wrapping: a line that a terminal finds too long ends at its edge. */
const TAKE = `${ESC}?1049h${ESC}?25l${ESC}?7l${ESC}2J`
const GIVE = `${ESC}0m${ESC}?7h${ESC}?25h${ESC}?1049l`
/** What is written in between appears at once, where the terminal knows how (DEC mode 2026). */
const [BEGIN, END] = [`${ESC}?2026h`, `${ESC}?2026l`]

export interface Canvas {
  /** What Ink takes for its stdout: every write is a whole frame. */
  frames: NodeJS.WriteStream
  /** Gives the terminal back as it was found. Safe to call twice. */
  close(): void
}

/**
 * Takes over a terminal. Frames are drawn at fixed places and only where they differ from what stands there,
 * so that nothing scrolls and nothing flickers; after a resize everything is drawn again.
 */
export function openCanvas(output: WriteStream): Canvas {
  let standing: string[] = []
  let wanted: string[] = []
  let planned: NodeJS.Immediate | undefined
  let open = true

  function draw(): void {
    planned = undefined
    const rows = wanted.slice(0, output.rows)
    const changed = rows.flatMap((line, row) =>
      line === standing[row] ? [] : [`${ESC}${row + 1};1H${line}${ESC}0m${ESC}K`],
    )
    const below = rows.length < standing.length ? [`${ESC}${rows.length + 1};1H${ESC}J`] : []
    standing = rows
    if (changed.length + below.length > 0) output.write([BEGIN, ...changed, ...below, END].join(''))
  }

  const plan = () => {
    planned ??= setImmediate(draw)
  }
  const frames = Object.assign(new EventEmitter(), {
    isTTY: false,
    write: (frame: string) => {
      if (!open) return true
      wanted = frame.split('\n')
      plan()
      return true
    },
  })
  Object.defineProperties(frames, {
    columns: { get: () => output.columns },
    rows: { get: () => output.rows },
  })
  const resized = () => {
    standing = []
    frames.emit('resize')
    plan()
  }
  const close = () => {
    if (!open) return
    open = false
    clearImmediate(planned)
    output.off('resize', resized)
    process.off('exit', close)
    output.write(GIVE)
  }
  output.on('resize', resized)
  process.once('exit', close)
  output.write(TAKE)
  return { frames: frames as unknown as NodeJS.WriteStream, close }
}
