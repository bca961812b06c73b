import type { Bag } from './bag.js'
import type { Exchange } from './exchange.js'
import type { Greeting } from './greeting.js'
import type { Inquiries } from './inquiries.js'
import type { Life } from './life.js'
import type { Listening } from './listening.js'
import type { ServerMemory } from './memory.js'
import type { Id } from './message.js'
import type { Peer } from './peer.js'
import type { Questions } from './questions.js'
import type { Subscriptions } from './subscriptions.js'
import type { ToolHeaders } from './tool-list.js'
import type { Session } from './types.js'
import type { Wire } from './wire.js'
import type { Writer } from './writer.js'

/** What the parts of the bridge share: the two ends, the login, and what is known of the server. */
export interface Bridge {
  /** The server's name and port, for words. */
  host: string
  wire: Wire
  session: Session
  peer: Peer
  tools: ToolHeaders
  memory: ServerMemory
  greeting: Greeting
  writer: Writer
  announcer: Announcer
  /** The messages of the host that are under way. */
  exchanges: Bag<Exchange>
  questions: Questions
  inquiries: Inquiries
  subscriptions: Subscriptions
  listening: Listening
  /** How long a host may take to answer what a server of the other era asks, in milliseconds. */
  answerMs: number
  /** A line for people. */
  say(line: string): void
  now(): number
  /** Ends with the bridge. */
  ended: Life
}

/** Remembers that the bridge spoke in the server's place, and tells the host once the server itself can be heard. */
export interface Announcer {
  greeted(hostIsModern: boolean, forLogin: boolean): void
  /** The server answered, or a login is done. What was said for want of a login holds until there is one. */
  heard(loggedIn: boolean): void
  /** A modern host listens for changes of the tool list under this subscription. */
  subscribe(id: Id): void
}
