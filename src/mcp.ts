import { type CallToolResult, ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server'
import { isZukoError } from './errors.js'
import type { Tool, ToolContext } from './tools/define.js'
import { errorText, runTool, toolDefinition } from './tools/index.js'
import { INSTRUCTIONS } from './tools/instructions.js'
import { visible, visibleText } from './tools/visible.js'

/** The revisions that open with `initialize`, newest first; the SDK adds 2026-07-28 where it serves that. */
export const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26']
export const MODERN_VERSION = '2026-07-28'
export type Era = 'modern' | 'legacy'

/** What this server calls itself, beside its version. */
export const SERVER = { name: 'zuko-mcp', title: 'Zuko' }

/** How long a client may keep a list, in milliseconds. It depends on the token's scopes, hence `private`. */
export const CACHE_HINT = { ttlMs: 300_000, cacheScope: 'private' as const }

/** The tools that one kind of token may use, with their definitions made once. */
export interface ServedTools {
  definitions: ReturnType<typeof toolDefinition>[]
  byName: ReadonlyMap<string, Tool>
}

export const servedTools = (tools: readonly Tool[]): ServedTools => ({
  definitions: tools.map(toolDefinition),
  byName: new Map(tools.map((tool) => [tool.name, tool])),
})

export interface ServerOptions {
  tools: ServedTools
  /** Runs a tool on arguments as they came. */
  call(tool: Tool, args: unknown): Promise<Record<string, unknown>>
  version: string
  /** Under which the logs tell what went wrong on our side. */
  requestId: string
}

/** The `_meta` key under which every result of a tool says where its texts come from. */
export const PROVENANCE = 'zuko/provenance'

/** Titles, descriptions and names are people's words; `escaped` says whether some are shown otherwise than stored. */
export const provenance = (escaped: boolean) => ({
  [PROVENANCE]: { source: 'people', trusted: false, escaped },
})

const ESCAPED = 'Invisible characters in these texts are shown as \\u{…}; they may hide something.'

/** The value as a model may read it; its note says so where something had to be written out. */
function shownToModels(value: Record<string, unknown>): { shown: Record<string, unknown>; escaped: boolean } {
  const shown = visible(value)
  if (shown === value) return { shown, escaped: false }
  const note = typeof shown.note === 'string' ? `${shown.note} ${ESCAPED}` : ESCAPED
  return { shown: { ...shown, note }, escaped: true }
}

/**
 * A tool's value as a result that is complete for a host that shows only text and for one that shows only
 * `structuredContent`. A list is text as the bare array; its `note` is then a second block.
 */
export function toResult(tool: Tool, value: Record<string, unknown>): CallToolResult {
  const { shown, escaped } = shownToModels(value)
  const blocks = [JSON.stringify(tool.listKey === undefined ? shown : shown[tool.listKey])]
  if (tool.listKey !== undefined && typeof shown.note === 'string') blocks.push(shown.note)
  return {
    content: blocks.map((text) => ({ type: 'text', text })),
    structuredContent: shown,
    _meta: provenance(escaped),
  }
}

/** An error as a result; only UNAVAILABLE is the protocol's to tell, since the call itself was fine. */
export function toErrorResult(error: unknown, requestId: string): CallToolResult {
  if (isZukoError(error, 'UNAVAILABLE'))
    throw new ProtocolError(ProtocolErrorCode.InternalError, error.message)
  const words = errorText(error, requestId)
  const text = visibleText(words)
  return { content: [{ type: 'text', text }], isError: true, _meta: provenance(text !== words) }
}

/** What a call of one tool answers, and for an error what it came from. */
export async function answerOf(
  tool: Tool,
  args: unknown,
  context: ToolContext,
): Promise<{ result: CallToolResult; cause?: unknown }> {
  try {
    return { result: toResult(tool, await runTool(tool, args, context)) }
  } catch (cause) {
    if (isZukoError(cause, 'UNAVAILABLE')) throw cause
    return { result: toErrorResult(cause, context.caller.requestId), cause }
  }
}

/** An MCP server for one exchange, on whatever transport it is connected to. */
export function buildServer({ tools, call, version, requestId }: ServerOptions): Server {
  const server = new Server(
    { ...SERVER, version },
    {
      capabilities: { tools: { listChanged: false } },
      instructions: INSTRUCTIONS,
      cacheHints: { 'tools/list': CACHE_HINT, 'server/discover': CACHE_HINT },
      supportedProtocolVersions: LEGACY_VERSIONS,
    },
  )
  server.setRequestHandler('tools/list', () => ({ tools: tools.definitions }))
  server.setRequestHandler('tools/call', async ({ params }) => {
    const tool = tools.byName.get(params.name)
    if (!tool) {
      const names = [...tools.byName.keys()].join(', ')
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `There is no such tool. The tools are: ${names}.`,
      )
    }
    try {
      return toResult(tool, await call(tool, params.arguments))
    } catch (error) {
      return toErrorResult(error, requestId)
    }
  })
  return server
}
