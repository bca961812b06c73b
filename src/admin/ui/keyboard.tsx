import { type Key, useInput } from 'ink'
import { createContext, type ReactNode, useContext, useLayoutEffect, useRef, useState } from 'react'

/** A key by its name ("up", "enter", "ctrl+c"), or the one character that was typed. */
export type Press = string

/** Does something with a key and answers true, or leaves it to whoever stands below. */
export type Handle = (press: Press) => boolean

/** Who hears a key first: a question in front of a screen, then the screen, then the frame around it. */
export const LEVEL = { frame: 0, screen: 1, panel: 2, question: 3, top: 4 } as const

interface Listener {
  level: number
  handle: Handle
}

/** Keys, one after the other: the next is heard when what the one before has changed is on the screen. */
class Keyboard {
  private readonly listeners = new Set<Listener>()
  private waiting: Press[] = []
  private busy = false

  /** `heard` is called after each key, and has to lead to a call of `next`. */
  constructor(private readonly heard: () => void) {}

  add(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  press(presses: readonly Press[]): void {
    this.waiting.push(...presses)
    if (!this.busy) this.next()
  }

  next(): void {
    const press = this.waiting.shift()
    this.busy = press !== undefined
    if (press === undefined) return
    const inOrder = [...this.listeners].sort((a, b) => b.level - a.level)
    inOrder.some(({ handle }) => handle(press))
    this.heard()
  }
}

const KeyboardContext = createContext<Keyboard | undefined>(undefined)

const CONTROLS: Record<string, Press> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\u007f': 'backspace',
}

const NAMED: [keyof Key, Press][] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
]

/** Control characters are letters less 96: 3 is Ctrl and C. */
const letterOf = (control: string): string => String.fromCharCode(control.charCodeAt(0) + 96)

/** What Ink heard as single keys: what is typed fast, or pasted, comes as one piece. */
export function pressesOf(input: string, key: Key): Press[] {
  if (key.tab) return [key.shift ? 'shift+tab' : 'tab']
  const named = NAMED.find(([name]) => key[name])
  if (named) return [named[1]]
  if (key.ctrl) return [`ctrl+${input}`]
  if (key.meta) return []
  return [...input].map((letter) => CONTROLS[letter] ?? (letter < ' ' ? `ctrl+${letterOf(letter)}` : letter))
}

/** Hears the keys of everything inside it. */
export function Keys({ children }: { children: ReactNode }) {
  const [heard, setHeard] = useState(0)
  const [keyboard] = useState(() => new Keyboard(() => setHeard((before) => before + 1)))
  // Counted together with whatever the key itself changed, so that both are on the screen at once.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each key that was heard is a reason for the next
  useLayoutEffect(() => {
    const soon = setImmediate(() => keyboard.next())
    return () => clearImmediate(soon)
  }, [keyboard, heard])
  useInput((input, key) => keyboard.press(pressesOf(input, key)))
  return <KeyboardContext value={keyboard}>{children}</KeyboardContext>
}

/** Hears keys at a level; not while `handle` is undefined. */
export function useKeys(level: number, handle: Handle | undefined): void {
  const keyboard = useContext(KeyboardContext)
  const latest = useRef(handle)
  useLayoutEffect(() => {
    latest.current = handle
  })
  useLayoutEffect(
    () => keyboard?.add({ level, handle: (press) => latest.current?.(press) ?? false }),
    [keyboard, level],
  )
}
