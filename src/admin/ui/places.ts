import { useMemo, useState } from 'react'
import type { Press } from './keyboard.js'
import { type Place, SCREENS, type ScreenName } from './stage.js'

/** Where the person is: the screen in front, the tasks that are open over it, and where a visit came from. */
export interface Where {
  place: Place
  tasks: readonly number[]
  from?: Where
}

/** Where the person is, which screens were visited, and how to get elsewhere. */
export function usePlaces() {
  const [where, setWhere] = useState<Where>({ place: { screen: 'overview' }, tasks: [] })
  const [visited, setVisited] = useState<readonly ScreenName[]>([])
  const { screen } = where.place
  if (!visited.includes(screen)) setVisited([...visited, screen])
  const moves = useMemo(() => {
    const tasksOf = (change: (open: readonly number[]) => readonly number[]) =>
      setWhere((before) => ({ ...before, tasks: change(before.tasks) }))
    return {
      go: (place: Place) => setWhere({ place, tasks: [] }),
      visit: (place: Place) => setWhere((from) => ({ place, tasks: [], from })),
      back: () => setWhere(({ place, from }) => from ?? { place: { screen: place.screen }, tasks: [] }),
      openTask: (id: number) => tasksOf((open) => [...open.filter((other) => other !== id), id]),
      closeTask: () => tasksOf((open) => open.slice(0, -1)),
    }
  }, [])
  return { ...where, visited, moves }
}

/** The screen that a key leads to. */
export const screenFor = (press: Press, from: ScreenName): ScreenName | undefined => {
  const step = press === 'tab' || press === 'right' ? 1 : press === 'shift+tab' || press === 'left' ? -1 : 0
  if (step !== 0) return SCREENS[(SCREENS.indexOf(from) + step + SCREENS.length) % SCREENS.length]
  return /^[1-9]$/.test(press) ? SCREENS[Number(press) - 1] : undefined
}
