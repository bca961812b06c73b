import { SERVER_INFO_META_KEY } from '@modelcontextprotocol/server'
import {
  CACHE_HINT,
  type Era,
  provenance,
  SERVER,
  type ServedTools,
  toErrorResult,
  toResult,
} from '../mcp.js'
import type { Tool } from '../tools/define.js'
import { isAllVisible } from '../tools/visible.js'

/** Results as JSON text, in an era's form: what the SDK makes of them, without its way there. */
export interface Results {
  tools(era: Era, tools: ServedTools): string
  value(era: Era, tool: Tool, value: Record<string, unknown>): string
  /** @throws ProtocolError for UNAVAILABLE, as `toErrorResult` does */
  error(era: Era, error: unknown, requestId: string): string
}

/** The members of an object as JSON text, without its braces. */
const membersOf = (object: object): string => JSON.stringify(object).slice(1, -1)

/** The JSON text of `value`, where that of one of its members is there already. */
function jsonAround(value: Record<string, unknown>, key: string, member: string): string {
  const { [key]: _, ...others } = value
  const rest = membersOf(others)
  return `{${JSON.stringify(key)}:${member}${rest && `,${rest}`}}`
}

/**
 * `toResult` as text. A list is written once, for the text and for `structuredContent`; where every character of
 * it can be seen, nothing is searched for those that cannot.
 */
function resultMembers(tool: Tool, value: Record<string, unknown>, meta: object): string {
  const { listKey } = tool
  const text = JSON.stringify(listKey === undefined ? value : value[listKey])
  const structured = listKey === undefined ? text : jsonAround(value, listKey, text)
  if (!isAllVisible(structured)) {
    const result = toResult(tool, value)
    return membersOf({ ...result, _meta: { ...result._meta, ...meta } })
  }
  const texts = listKey !== undefined && typeof value.note === 'string' ? [text, value.note] : [text]
  const content = JSON.stringify(texts.map((one) => ({ type: 'text', text: one })))
  const ownMeta = JSON.stringify({ ...provenance(false), ...meta })
  return `"content":${content},"structuredContent":${structured},"_meta":${ownMeta}`
}

/** What MCP 2026-07-28 has in every result, basic/index. */
const COMPLETE = { resultType: 'complete' }

export function createResults(version: string): Results {
  const info = { [SERVER_INFO_META_KEY]: { ...SERVER, version } }
  const meta = { modern: info, legacy: {} }
  const complete = { modern: `,${membersOf(COMPLETE)}`, legacy: '' }
  return {
    tools: (era, { definitions }) => {
      const cached = { ...COMPLETE, ...CACHE_HINT, _meta: info }
      return JSON.stringify({ tools: definitions, ...(era === 'modern' && cached) })
    },
    value: (era, tool, value) => `{${resultMembers(tool, value, meta[era])}${complete[era]}}`,
    error: (era, error, requestId) => {
      const result = toErrorResult(error, requestId)
      return `{${membersOf({ ...result, _meta: { ...result._meta, ...meta[era] } })}${complete[era]}}`
    },
  }
}
