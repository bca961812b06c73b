import { fileURLToPath } from 'node:url'
import { openChat } from '../chat.js'
import type { Client, Place, Session } from '../client.js'

const PROGRAM = fileURLToPath(new URL('../program.mjs', import.meta.url))

/** A program written with an SDK, one process from the login to the end. */
async function open(kind: string, { transport, url, bridge, cwd, env }: Place): Promise<Session> {
  const target = transport === 'http' ? [url] : bridge
  const chat = openChat('node', [PROGRAM, kind, ...target], { cwd, env })
  async function have(wish: object) {
    const { line } = await chat.say(wish, (one) => 'done' in one || 'failed' in one)
    if ('failed' in line) throw new Error(line.failed)
    return line.done
  }
  const call: Session['call'] = (tool, args) => have({ do: 'call', tool, args })
  return {
    async login() {
      const words = await have({ do: 'login' }).catch((error: Error) => error.message)
      return transport === 'http' ? words : call('list_organizations', {})
    },
    list: () => have({ do: 'list' }),
    call,
    close: chat.close,
  }
}

const made = (id: string, name: string, from: string, transports: Client['transports']): Client => ({
  id,
  name,
  package: from,
  transports,
  how: 'a small program (`test/interop/program.mjs`), one process for everything',
  open: (place) => open(id, place),
})

export const aiSdk = made('ai-sdk', 'AI SDK', '@ai-sdk/mcp', ['http', 'proxy'])
export const sdkV1 = made('v1', 'TypeScript SDK v1', '@modelcontextprotocol/sdk', ['http', 'proxy'])
export const sdkV2Legacy = made('v2-legacy', 'TypeScript SDK v2, legacy', '@modelcontextprotocol/client', [
  'http',
  'proxy',
])
export const sdkV2Modern = made('v2-modern', 'TypeScript SDK v2, modern', '@modelcontextprotocol/client', [
  'http',
  'proxy',
])
