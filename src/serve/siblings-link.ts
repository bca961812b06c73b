import type { Siblings } from '../store/open.js'
import type { FromWorker, ToWorker } from './worker-messages.js'

/** What the process that has it does for one worker. */
export interface Attendance {
  /** Takes a message of the worker's. */
  hear(message: FromWorker): void
  /** The worker has ended, and holds nothing any more. */
  gone(): void
}

export function attend({ alone, allowances }: Siblings, send: (message: ToWorker) => void): Attendance {
  /** By the number of the question: what ends the hold. */
  const held = new Map<number, () => void>()
  let here = true

  const hold = (id: number, name: string) =>
    alone(name, async () => {
      if (!here) return
      send({ say: 'answer', id })
      await new Promise<void>((letGo) => held.set(id, letGo))
      held.delete(id)
    })

  return {
    hear(message) {
      if (message.say === 'take')
        void allowances.take(message.wanted).then((value) => send({ say: 'answer', id: message.id, value }))
      else if (message.say === 'give back') void allowances.giveBack(message.taken)
      else if (message.say === 'hold') void hold(message.id, message.name)
      else if (message.say === 'let go') held.get(message.id)?.()
    },
    gone() {
      here = false
      for (const letGo of held.values()) letGo()
    },
  }
}

export interface Link {
  siblings: Siblings
  /** Takes a message of the process at the other end. */
  hear(message: ToWorker): void
}

/** The same in a worker: each question is a message, and so is its answer. */
export function linkThrough(send: (message: FromWorker) => void): Link {
  const waiting = new Map<number, (value: unknown) => void>()
  let asked = 0

  const ask = <Value>(question: (id: number) => FromWorker): Promise<Value> =>
    new Promise((resolve) => {
      asked += 1
      waiting.set(asked, resolve as (value: unknown) => void)
      send(question(asked))
    })

  return {
    siblings: {
      async alone(name, work) {
        let held = 0
        await ask((id) => {
          held = id
          return { say: 'hold', id, name }
        })
        return work().finally(() => send({ say: 'let go', id: held }))
      },
      allowances: {
        take: (wanted) => ask((id) => ({ say: 'take', id, wanted })),
        giveBack: async (taken) => send({ say: 'give back', taken }),
      },
    },
    hear(message) {
      if (message.say !== 'answer') return
      waiting.get(message.id)?.(message.value)
      waiting.delete(message.id)
    },
  }
}
