import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { parseTraceParent, TraceState } from '@opentelemetry/core'
import type { Store } from '../store/types.js'
import { operationAttributes } from './instruments.js'
import type { Message } from './message.js'
import type { Carrier, Telemetry } from './telemetry.js'

const MAX_STATE = 512

/** A W3C `traceparent` in its exact format, or nothing: it only says which trace goes on here. */
function remote({ traceparent, tracestate }: Carrier): SpanContext | undefined {
  const parent = typeof traceparent === 'string' ? parseTraceParent(traceparent) : null
  if (!parent) return undefined
  const state = typeof tracestate === 'string' && tracestate.length <= MAX_STATE ? tracestate : undefined
  return { ...parent, isRemote: true, ...(state && { traceState: new TraceState(state) }) }
}

const isObject = (value: unknown): value is object => value !== null && typeof value === 'object'

/** Where the trace of a call goes on: in its message, else in the HTTP request, which otherwise is linked. */
function origin({ params }: Message, headers: Carrier): { parent: Context; links: Link[] } {
  const meta = isObject(params?._meta) ? remote(params._meta as Carrier) : undefined
  const http = remote(headers)
  const above = meta ?? http
  return {
    parent: above ? trace.setSpanContext(ROOT_CONTEXT, above) : ROOT_CONTEXT,
    links: meta && http ? [{ context: http }] : [],
  }
}

type Around = <Result>(name: string, work: () => Result) => Result

/** The store with `around` every one of its operations, such as `tasks.list`. */
function wrap(store: Store, around: Around): Store {
  const methods = (noun: string, target: object) =>
    new Proxy(target, {
      get(_, method) {
        const member = Reflect.get(target, method)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) =>
          around(`${noun}.${String(method)}`, () => Reflect.apply(member, target, args))
      },
    })
  return new Proxy(store, {
    get(_, noun) {
      const member = Reflect.get(store, noun)
      return isObject(member) ? methods(String(noun), member) : member
    },
  })
}

/** Ends a span with the work, whatever becomes of it. */
function timed<Result>(span: Span, work: () => Result): Result {
  const result = work()
  if (!(result instanceof Promise)) {
    span.end()
    return result
  }
  const failed = () => span.setStatus({ code: SpanStatusCode.ERROR })
  void result.catch(failed).finally(() => span.end())
  return result
}

/**
 * A span for each tools/call, SERVER (OpenTelemetry GenAI conventions, MCP), and below it one for each operation
 * of the store. They name the tool and how it ended; of arguments, results and people they hold nothing.
 */
export function createTraces(tracer: Tracer): Pick<Telemetry, 'begin' | 'watched'> {
  const calls = new AsyncLocalStorage<Context>()
  const begin: Telemetry['begin'] = (exchange, message, headers) => {
    const { tool, requestId, startedAt } = exchange
    if (message.method !== 'tools/call' || tool === undefined) return undefined
    const { parent, links } = origin(message, headers)
    const attributes = {
      'gen_ai.operation.name': 'execute_tool',
      'network.transport': 'tcp',
      'zuko.request.id': requestId,
    }
    const span = tracer.startSpan(
      `tools/call ${tool}`,
      { kind: SpanKind.SERVER, startTime: startedAt, links, attributes },
      parent,
    )
    const below = trace.setSpan(parent, span)
    return {
      run: (work) => calls.run(below, work),
      end(outcome) {
        span.setAttributes(operationAttributes(exchange, outcome))
        if (outcome !== 'ok') span.setStatus({ code: SpanStatusCode.ERROR, message: outcome })
        span.end()
      },
    }
  }
  return {
    begin,
    watched: (store) =>
      wrap(store, (name, work) => {
        const call = calls.getStore()
        return call ? timed(tracer.startSpan(`store ${name}`, { kind: SpanKind.CLIENT }, call), work) : work()
      }),
  }
}
