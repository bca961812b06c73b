import type { Watching } from '../config.js'
import type { Store } from '../store/types.js'
import type { AccessEvent } from './access-log.js'
import type { Exchange } from './exchange.js'
import type { LoopDelay } from './loop-delay.js'
import type { Message } from './message.js'

/** How the check of a bearer token ended. */
export type Verification = 'accepted' | 'missing' | 'refused' | 'unavailable'

/** One call of a tool as a trace shows it. */
export interface CallSpan {
  /** Does work of the call: what it asks a watched store for is shown below it. */
  run<Result>(work: () => Result): Result
  end(outcome: string): void
}

/** Where a caller's trace goes on: W3C Trace Context, in the message itself or in its HTTP headers. */
export type Carrier = Readonly<Record<string, unknown>>

/** What is measured when somebody asks. */
export interface Gauges {
  /** Bytes of the database, and of the log beside it. */
  size(): Promise<{ bytes: number; logBytes: number }>
  loopDelay(): LoopDelay
}

/**
 * What the server tells about itself while it works: numbers and traces, never whom it works for. Every word that
 * becomes a label is one of a few.
 */
export interface Telemetry {
  /** The span of a tools/call, undefined where no traces are made. */
  begin(exchange: Exchange, message: Message, headers: Carrier): CallSpan | undefined
  /** The store, whose operations a call's span shows. */
  watched(store: Store): Store
  /** A request to the endpoint was answered; its message had been read. */
  answered(exchange: Exchange, outcome: string): void
  verified(outcome: Verification): void
  /** Somebody signed in, was given a token, or was refused. */
  access(event: AccessEvent['event'], outcome: string): void
  limited(bucket: string): void
  shed(): void
  observe(gauges: Gauges): void
  /** All numbers as Prometheus reads them. */
  text(): Promise<string>
  /** Sends what is left, and ends. */
  close(): Promise<void>
}

const nothing = () => {}

/** Of a server that nobody watches. */
export const SILENT: Telemetry = {
  begin: () => undefined,
  watched: (store) => store,
  answered: nothing,
  verified: nothing,
  access: nothing,
  limited: nothing,
  shed: nothing,
  observe: nothing,
  text: async () => '',
  close: async () => {},
}

export interface Identity {
  version: string
  /** Among several processes that serve together, which one; undefined for one alone. */
  worker?: number | undefined
}

/** Loads the SDK, and starts it; nothing of it is loaded while nobody watches. */
export async function startTelemetry(
  { prometheus, exporting }: Watching,
  identity: Identity,
): Promise<Telemetry> {
  if (!prometheus && !exporting) return SILENT
  return (await import('./telemetry-sdk.js')).createTelemetry(exporting, identity)
}

/** How an answer without an outcome of a tool ended, by its HTTP status. */
const BY_STATUS: Record<number, string> = {
  401: 'UNAUTHENTICATED',
  403: 'INSUFFICIENT_SCOPE',
  429: 'RATE_LIMITED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
}

/** How an exchange ended, in one word of a closed set: what a tool says, or what HTTP does. */
export function outcomeOf({ outcome }: Pick<Exchange, 'outcome'>, status: number): string {
  if (status >= 400) return BY_STATUS[status] ?? 'REFUSED'
  return outcome === undefined ? 'ok' : outcome === 'refused' ? 'REFUSED' : outcome
}
