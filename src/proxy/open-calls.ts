import type { Call, Id } from './message.js'

/** The requests of one message that still wait for their answer: one almost always, several in a batch. */
export class OpenCalls {
  #waiting: readonly Call[]

  constructor(calls: readonly Call[]) {
    this.#waiting = calls
  }

  get size(): number {
    return this.#waiting.length
  }

  get(id: Id): Call | undefined {
    return this.#waiting.find((call) => call.id === id)
  }

  add(call: Call): void {
    this.#waiting = [...this.#waiting, call]
  }

  /** True when it was open. */
  delete(id: Id): boolean {
    const before = this.#waiting.length
    this.#waiting = this.#waiting.filter((call) => call.id !== id)
    return this.#waiting.length < before
  }

  values(): readonly Call[] {
    return this.#waiting
  }

  clear(): void {
    this.#waiting = []
  }
}
