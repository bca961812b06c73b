import { acknowledged, createCaller } from './calls.js'
import { onGround } from './ground.js'
import { lookFor } from './remains.js'
import { attach } from './strace.js'

/** Makes every sync of a process fail, until it is told to stop. */
const failSyncs = (pid: number): Promise<() => Promise<void>> =>
  attach(pid, ['-e', 'trace=fsync,fdatasync', '-e', 'inject=fsync,fdatasync:error=EIO', '-o', '/dev/null'])

/** R5: the disk says of every sync that it failed. Nothing is acknowledged then, and afterwards all is well. */
export const failingSyncs = ({ writes: count }: { writes: number }) =>
  onGround(async (ground) => {
    const token = await ground.token()
    const server = await ground.start()
    const caller = createCaller(ground.base, token, 1)
    const writes = new Map<string, number>()
    const statuses = async (phase: string) => {
      const acks: boolean[] = []
      for (let index = 0; index < count; index++) {
        const reply = await caller.create(`${phase} ${index}`)
        const id = acknowledged(reply)
        if (id !== undefined) writes.set(`${phase} ${index}`, id)
        acks.push(id !== undefined)
        if (id === undefined && reply.status !== 503) throw new Error(`a write was answered ${reply.status}`)
      }
      return acks.filter(Boolean).length
    }
    const before = await statuses('before')
    const heal = await failSyncs(server.child.pid ?? 0)
    const during = await statuses('during')
    const reads = (await caller.call('list_tasks')).status
    await heal()
    const after = await statuses('after')
    caller.close()
    const exitCode = await server.stop()
    const { lost, doubled, integrity } = await lookFor(ground.path, writes)
    return { before, during, reads, after, lost, doubled, integrity, exitCode }
  })
