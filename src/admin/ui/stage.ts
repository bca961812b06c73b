import { createContext, useContext } from 'react'
import type { Store } from '../../store/types.js'
import type { AdminDeps } from '../deps.js'

export const SCREENS = ['overview', 'people', 'organizations', 'tasks', 'clients', 'audit'] as const
export type ScreenName = (typeof SCREENS)[number]

/** Where to go, and what to show there. */
export type Place =
  | { screen: Exclude<ScreenName, 'tasks' | 'audit'> }
  | { screen: 'tasks'; organization?: { id: number; name: string } }
  | { screen: 'audit'; taskId?: number }

/** One line below a screen: what was done, or why not. */
export interface Notice {
  text: string
  wrong?: boolean
}

/** Something that is done only after a yes. */
export interface Question {
  text: string
  yes(): Promise<void>
}

/** What every screen works with. */
export interface Stage {
  /** What the commands work with: the screens call the same functions. */
  deps: AdminDeps
  store: Store
  now(): Date
  /** The file of the store, as it is shown. */
  path: string
  /** Grows with every change to the store that was made here or noticed: a reason to read again. */
  revision: number
  changed(): void
  say(notice: Notice): void
  ask(question: Question): void
  go(place: Place): void
  /** Goes somewhere from where `back` returns. */
  visit(place: Place): void
  back(): void
  openTask(taskId: number): void
}

export const StageContext = createContext<Stage | undefined>(undefined)

export function useStage(): Stage {
  const stage = useContext(StageContext)
  if (!stage) throw new Error('There is no stage around this screen.')
  return stage
}

/** What a screen is given: whether it is the one in front, what to show there, and its size. */
export interface ScreenProps {
  active: boolean
  place: Place | undefined
  width: number
  height: number
}
