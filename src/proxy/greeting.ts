import { discoverFromInitialize, initializeFromDiscover, MODERN_VERSION } from './eras.js'
import type { ServerMemory } from './memory.js'
import { type Call, type Json, META_SERVER_INFO, objectOr } from './message.js'

/** The requests that hosts open with; the bridge can answer them in the server's place. */
export const GREETED = ['initialize', 'server/discover', 'tools/list', 'ping']

export interface Greeting {
  /**
   * The result of an opening request, from what the server said last time, else from the shared tool
   * definitions where the address is a Zuko server's. `guess` allows words for a server that nothing is known
   * of: no tools yet. Undefined where nothing can be said.
   */
  resultFor(call: Call, guess: boolean): Promise<Json | undefined>
}

interface Known {
  initialize?: Json | undefined
  discover?: Json | undefined
  tools?: readonly unknown[] | undefined
}

export function createGreeting(memory: ServerMemory, url: URL, version: string): Greeting {
  const known = async (guess: boolean): Promise<Known> => {
    const remembered = await memory.recall()
    if (remembered.initialize || remembered.discover) return remembered
    if (url.pathname === '/api/mcp') return { ...(await zuko(version)), ...remembered }
    return guess ? { ...stranger(url, version), ...remembered } : remembered
  }
  return {
    async resultFor(call, guess) {
      if (call.method === 'ping') return {}
      const { initialize, discover, tools } = await known(guess)
      if (call.method === 'tools/list') return toolList(call, tools ?? (guess ? [] : undefined))
      if (call.method === 'initialize') {
        const result =
          initialize ?? (discover && initializeFromDiscover(discover, call.params?.protocolVersion))
        return result && withListChanged(result)
      }
      const result = discover ?? (initialize && discoverFromInitialize(initialize))
      return result && { ...withListChanged(result), ttlMs: 0, cacheScope: 'private' }
    },
  }
}

/** The list is the bridge's, so the host may not keep it; only its first page can be asked for. */
function toolList({ params }: Call, tools: readonly unknown[] | undefined): Json | undefined {
  if (!tools || params?.cursor !== undefined) return undefined
  return { resultType: 'complete', tools, ttlMs: 0, cacheScope: 'private' }
}

/** Whoever is greeted by the bridge hears from it once the server's own list is there. */
function withListChanged(result: Json): Json {
  const capabilities = objectOr(result.capabilities)
  return {
    ...result,
    capabilities: { ...capabilities, tools: { ...objectOr(capabilities.tools), listChanged: true } },
  }
}

const introduction = (name: string, title: string, version: string, instructions?: string): Json => ({
  resultType: 'complete',
  supportedVersions: [MODERN_VERSION],
  capabilities: { tools: {} },
  ...(instructions !== undefined && { instructions }),
  _meta: { [META_SERVER_INFO]: { name, title, version } },
})

/** A Zuko server says the same to everybody, and its tools are our own. */
async function zuko(version: string): Promise<Known> {
  const [{ TOOLS, toolDefinition }, { INSTRUCTIONS }] = await Promise.all([
    import('../tools/index.js'),
    import('../tools/instructions.js'),
  ])
  return {
    discover: introduction('zuko-mcp', 'Zuko', version, INSTRUCTIONS),
    tools: TOOLS.map(toolDefinition),
  }
}

const stranger = ({ host }: URL, version: string): Known => ({
  discover: introduction('zuko-mcp-proxy', host, version),
})
