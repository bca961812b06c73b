import { acknowledged, createCaller, quantile } from './calls.js'
import { onGround } from './ground.js'
import { lookFor } from './remains.js'

const CLIENTS = 16

/**
 * R3: SIGTERM in the middle of writes: every answer that began ends, and what was acknowledged is there. `args` are
 * further words after `serve`.
 */
export const terminateUnderLoad = ({ rounds, args = [] }: { rounds: number; args?: readonly string[] }) =>
  onGround(async (ground) => {
    const writes = new Map<string, number>()
    const exits: number[] = []
    const figures = { rounds, answered: 0, halves: 0, unexpected: 0, wrongExits: 0 }
    for (let round = 0; round < rounds; round++) {
      const token = await ground.token()
      const server = await ground.start({ args })
      let [stopping, here] = [0, 0]
      const client = async (name: number) => {
        const caller = createCaller(ground.base, token, 1)
        for (let count = 0; ; count++) {
          const title = `${round}-${name}-${count}`
          const reply = await caller.create(title)
          if (reply.half) figures.halves++
          if (reply.status === 0) break
          figures.answered++
          const id = acknowledged(reply)
          if (id !== undefined) writes.set(title, id)
          else if (reply.status !== 503) figures.unexpected++
          if (++here === CLIENTS * 4) {
            stopping = performance.now()
            server.child.kill('SIGTERM')
          }
        }
        caller.close()
      }
      await Promise.all(Array.from({ length: CLIENTS }, (_, name) => client(name)))
      if ((await server.ended) !== 0) figures.wrongExits++
      exits.push(performance.now() - stopping)
    }
    const { lost, doubled, integrity } = await lookFor(ground.path, writes)
    return { ...figures, acknowledged: writes.size, lost, doubled, integrity, exitMaxMs: quantile(exits, 1) }
  })
