/** A task that came in parts, put together again as the parts say. */
import type { JsonValue } from '../../src/store/types.js'

export interface Part {
  id: number
  description?: JsonValue
  descriptionPart?: { format: 'text' | 'json'; text: string; start: number; end: number; length: number }
  owners: { id: number }[]
  subtasks: { id: number }[]
  truncated?: true
  nextCursor?: string
  note?: string
}

type Call = (name: string, args: object) => Promise<Record<string, unknown>>

/** Every part, from the first answer on. */
export async function partsFrom(first: Record<string, unknown>, call: Call): Promise<Part[]> {
  let part = first as unknown as Part
  const parts = [part]
  while (part.nextCursor !== undefined) {
    part = (await call('get_task', { taskId: part.id, cursor: part.nextCursor })) as unknown as Part
    parts.push(part)
  }
  return parts
}

/** The description that the parts make up. */
export function descriptionIn(parts: readonly Part[]): JsonValue | undefined {
  const whole = parts.find(({ description }) => description !== undefined)
  if (whole) return whole.description
  const pieces = parts.flatMap(({ descriptionPart }) => descriptionPart ?? [])
  const text = pieces.map((piece) => piece.text).join('')
  return pieces[0]?.format === 'json' ? (JSON.parse(text) as JsonValue) : text
}
