import { discoverRequest, identityOf, initializeRequest } from './eras.js'
import { asModern } from './headers.js'
import type { LegacyOptions, LegacySession } from './legacy-session.js'
import type { Json, Message } from './message.js'
import { resultOf } from './reply.js'
import type { ToolHeaders } from './tool-list.js'

export type Era = 'modern' | 'legacy'

/** Finds out whether the server speaks the era that the host does not. */
export interface OtherEra {
  /** Set where host and server are of different eras: the one that the server speaks. */
  readonly era: Era | undefined
  /** What the server said of itself when that was found. */
  readonly introduction: Json
  speaksModern(): void
  probe(message: Message, token: string | undefined): Promise<boolean>
}

export interface OtherEraOptions extends Omit<LegacyOptions, 'onRefused'> {
  tools: ToolHeaders
}

export function otherEra(options: OtherEraOptions, legacy: LegacySession): OtherEra {
  let era: Era | undefined
  let isModern = false
  let discovered: Json = {}
  let probing: Promise<boolean> | undefined

  const ask = async (message: Message, token: string | undefined): Promise<boolean> => {
    if (message.version === undefined) {
      const result = message.method === 'initialize' ? await discover(options, message, token) : undefined
      if (result) [discovered, era] = [result, 'modern']
      return result !== undefined
    }
    if (isModern || !(await legacy.open(initializeRequest(identityOf(message)), token))) return false
    era = 'legacy'
    options.onInitialized()
    return true
  }
  return {
    get era() {
      return era
    },
    get introduction() {
      return era === 'modern' ? discovered : legacy.introduction
    },
    speaksModern() {
      isModern = true
    },
    async probe(message, token) {
      if (era) return true
      probing ??= ask(message, token).finally(() => {
        probing = undefined
      })
      return probing
    },
  }
}

/** What a modern server says of itself; undefined where there is none. */
async function discover(
  { wire, tools, ended: life }: OtherEraOptions,
  message: Message,
  token: string | undefined,
): Promise<Json | undefined> {
  const request = discoverRequest(identityOf(message))
  const { reply } = await wire.send({ method: 'POST', ...asModern(request, tools), life }, token)
  return resultOf(reply)
}
