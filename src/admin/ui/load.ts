import { useCallback, useEffect, useRef, useState } from 'react'
import { isZukoError } from '../../errors.js'

/** What is wrong and what would be right, in one line. */
export function wordsOf(error: unknown): string {
  if (isZukoError(error))
    return error.fix === undefined ? error.message : `${error.message} Fix: ${error.fix}.`
  return `Unexpected error: ${(error instanceof Error ? error.message : String(error)).split('\n', 1)[0]}`
}

/** Something that is read: what is there so far, and why there is no more where it failed. */
export interface Loaded<T> {
  value: T | undefined
  error: string | undefined
  loading: boolean
}

/**
 * Reads something, and again whenever `reason` changes; what was read before stays until then. A reading that nobody
 * waits for any more is told so by its signal, and its answer is dropped.
 */
export function useLoad<T>(
  read: ((signal: AbortSignal, before: T | undefined) => Promise<T>) | undefined,
  reason: string | number,
): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ value: undefined, error: undefined, loading: true })
  const latest = useRef(loaded.value)
  latest.current = loaded.value
  // biome-ignore lint/correctness/useExhaustiveDependencies: a reading is another one when its reason is
  useEffect(() => {
    if (!read) return
    const controller = new AbortController()
    const settle = (next: Partial<Loaded<T>>) => {
      if (!controller.signal.aborted)
        setLoaded((before) => ({ ...before, error: undefined, loading: false, ...next }))
    }
    setLoaded((before) => ({ ...before, loading: true }))
    read(controller.signal, latest.current).then(
      (value) => settle({ value }),
      (error) => settle({ error: wordsOf(error) }),
    )
    return () => controller.abort()
  }, [reason, read === undefined])
  return loaded
}

export interface Page<Row> {
  rows: readonly Row[]
  more: boolean
}

/** Reads the rows after a row, or the first ones. */
export type ReadPage<Row> = (after: Row | undefined, limit: number, signal: AbortSignal) => Promise<Page<Row>>

export interface Pages<Row> extends Loaded<Page<Row>> {
  rows: readonly Row[]
  more: boolean
  /** True while the rows still answer another question. */
  stale: boolean
  /** Reads the next page, where there is one and none is being read. */
  next(): void
}

const PAGE = 100

/** Rows a page at a time, as far as somebody looked. `question` says what is asked; another one starts anew. */
export function usePages<Row>(
  read: ReadPage<Row> | undefined,
  { question, revision }: { question: string; revision: number },
): Pages<Row> {
  const [wanted, setWanted] = useState({ question, pages: 1 })
  const pages = wanted.question === question ? wanted.pages : 1
  const answered = useRef({ question: '', revision })

  const loaded = useLoad<Page<Row>>(
    read &&
      (async (signal, before) => {
        const same = answered.current.question === question && answered.current.revision === revision
        const kept = same ? (before?.rows ?? []) : []
        const limit = pages * PAGE - kept.length
        const { rows, more } = await read(kept.at(-1), limit, signal)
        if (!signal.aborted) answered.current = { question, revision }
        return { rows: [...kept, ...rows], more }
      }),
    `${question} ${revision} ${pages}`,
  )
  const { value, loading } = loaded
  const next = useCallback(() => {
    if (value?.more && !loading) setWanted({ question, pages: pages + 1 })
  }, [value, loading, question, pages])
  const stale = loaded.error === undefined && answered.current.question !== question
  return { ...loaded, rows: value?.rows ?? [], more: value?.more ?? false, stale, next }
}
