/** What the run asks of a client; one file each says how that one does it. */
import type { Running, Said } from './command.js'
import type { Model } from './model.js'
import type { Terminal } from './terminal.js'

export type Transport = 'http' | 'proxy'

/** Where a client is tried: a computer of its own, with a server to connect to. */
export interface Place {
  transport: Transport
  /** The server's MCP endpoint. */
  url: string
  /** The command that a client starts to speak through the bridge. */
  bridge: readonly [string, ...string[]]
  home: string
  /** The folder that clients are started in, and what they see of the world. */
  cwd: string
  env: Record<string, string>
  model: Model
  /** Has our own program write the server into the client's configuration: `zuko-mcp connect`. */
  connect(client: string): Promise<void>
  /** Signs the bridge in ahead of the client, as a person would at a terminal; answers its words. */
  signIn(): Promise<string>
  /** Runs a program to its end. */
  run(program: string, args: readonly string[], more?: Partial<Running>): Promise<Said>
  /** A terminal such as a person sits at. */
  terminal(env?: Record<string, string>): Promise<Terminal>
  /** Opens in the person's browser an address that a client only prints. */
  open(url: string): void
  /** How often the person has signed in or declined so far, once nothing is under way at the browser. */
  signIns(): Promise<number>
}

export interface Session {
  /** Has the person sign in; answers the client's own words about how that went. */
  login(): Promise<string>
  /** Our tools as the client, or its model, has them. */
  list(): Promise<string[]>
  /** Calls a tool; answers the text that the client, or its model, is shown. */
  call(tool: string, args: Record<string, unknown>): Promise<string>
  close?(): Promise<void>
}

export interface Client {
  /** As a person names it on the command line of the run. */
  id: string
  name: string
  /** The npm package whose version is noted. */
  package: string
  transports: readonly Transport[]
  /** How it is driven, for the page. */
  how: string
  /** Whether a step of it wants a person at a terminal. */
  needsTerminal?: true
  /** Steps that are known to fail for a reason of the client's, and the reason as a sentence. */
  known?: Partial<Record<string, string>>
  open(place: Place): Promise<Session>
}

/** Has a model that is offered our tools call one: `talk` is one turn of a conversation. */
export function conversation(
  model: Model,
  talk: () => Promise<{ text: string }>,
): Pick<Session, 'list' | 'call'> {
  return {
    async call(tool, args) {
      let text = ''
      // A host that is still connecting has its first turn without our tools.
      for (let turn = 0; turn < 2; turn += 1) {
        model.want(tool, args)
        text = (await talk()).text
        const { result } = model.seen()
        if (result !== undefined) return result
      }
      throw new Error(`The model was shown no result of ${tool}. The client said: ${text}`)
    },
    async list() {
      model.want('', {})
      const { text } = await talk()
      const { offered } = model.seen()
      if (offered.length === 0)
        throw new Error(`The model was offered no tool of ours. The client said: ${text}`)
      return offered
    },
  }
}
