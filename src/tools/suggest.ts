/** What a wrong value was probably meant to be: a proposal for the model to judge, never done by itself. */
import { isInstant } from './instant.js'
import type { Kind } from './kinds.js'
import { nearest } from './nearest.js'
import { isObject } from './shown.js'
import { statusCalled } from './synonyms.js'

const MILLISECONDS = 100_000_000_000

const words = (value: unknown, kind: Kind): string | undefined => {
  const text = flat(value)
  if (text === undefined) return undefined
  const called = statusCalled(text)
  return kind.words.find((one) => one === called) ?? nearest(text, kind.words)
}

/** The only number in a text, an array or an object: 42 for "#42", "TASK-42", [42], {"id":42}. */
function integer(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : flat(value)
  const [found, ...others] = text?.match(/\d+(?:\.\d+)?/g) ?? []
  const number = Number(found?.replace(/\.0+$/, ''))
  const fits = Number.isInteger(number) && number > 0 && number <= 2_147_483_647
  return fits && others.length === 0 && !text?.includes('-0') && !isNegative(value) ? number : undefined
}

const isNegative = (value: unknown): boolean => Number(value) < 0

/** A short value as text: itself, or what stands alone inside. */
function flat(value: unknown): string | undefined {
  if (typeof value === 'string') return value.length <= 100 ? value : undefined
  if (typeof value === 'number') return String(value)
  if (!isObject(value)) return undefined
  const { id, email, name } = value as Record<string, unknown>
  const [only, ...others] = Object.values(value)
  return flat(id ?? email ?? name ?? (others.length === 0 ? only : undefined))
}

const utc = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z')
const inRange = (ms: number): boolean => Math.abs(ms) < 8.64e15

/** The time in UTC that a date, a time without an offset or an epoch stands for; nothing for 01/02/2026. */
function time(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) {
    const ms = Math.abs(value) < MILLISECONDS ? value * 1000 : value
    return ms > 0 && inRange(ms) ? utc(Math.round(ms)) : undefined
  }
  if (typeof value !== 'string' || value.length > 40) return undefined
  if (/^\d{9,13}$/.test(value)) return time(Number(value))
  const day = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(value.trim())
  const [, year, month = '', date = ''] = day ?? []
  const dayAlone = day && `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}T00:00:00Z`
  const written = dayAlone ?? inWords(value) ?? `${value.trim().replace(' ', 'T')}Z`
  return isInstant(written) ? written : undefined
}

/** "Jan 31, 2026" and "31 January 2026 17:00". */
function inWords(value: string): string | undefined {
  if (!/[a-z]{3}/i.test(value) || !/\b\d{4}\b/.test(value)) return undefined
  const ms = Date.parse(/\b(UTC|GMT|Z)\b|[+-]\d{4}/i.test(value) ? value : `${value} UTC`)
  return Number.isNaN(ms) ? undefined : utc(ms)
}

/** The value to pass instead, undefined where none is near. */
export function suggestion(kind: Kind, value: unknown): string | number | undefined {
  if (kind.of === 'word') return words(value, kind)
  if (kind.of === 'integer') return integer(value)
  if (kind.of === 'time') return time(value)
  return kind.of === 'text' && typeof value !== 'string' ? flat(value) : undefined
}
