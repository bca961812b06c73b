/** What changes around the screens: the size of the terminal, and the store. */
import { useStdout } from 'ink'
import { useCallback, useEffect, useState } from 'react'
import type { Store } from '../../store/types.js'
import type { Size } from './sheet.js'

/** The size of the terminal, now and after every change. */
export function useSize(): Size {
  const { stdout } = useStdout()
  const measure = useCallback(() => ({ width: stdout.columns || 80, height: stdout.rows || 24 }), [stdout])
  const [size, setSize] = useState(measure)
  useEffect(() => {
    const resized = () => setSize(measure())
    stdout.on('resize', resized)
    return () => void stdout.off('resize', resized)
  }, [stdout, measure])
  return size
}

const NOTICED_EVERY_MS = 2000

/** Grows when this process says so, and when another has written. */
export function useRevision(store: Store): [number, () => void] {
  const [revision, setRevision] = useState(0)
  const changed = useCallback(() => setRevision((before) => before + 1), [])
  useEffect(() => {
    let known: number | undefined
    const look = () =>
      store.browse.revision().then(
        (now) => {
          if (known !== undefined && now !== known) changed()
          known = now
        },
        () => {},
      )
    void look()
    const timer = setInterval(look, NOTICED_EVERY_MS)
    return () => clearInterval(timer)
  }, [store, changed])
  return [revision, changed]
}
