import { spawnSync } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { acknowledged, createCaller, pause } from './calls.js'
import { onGround } from './ground.js'
import { lookFor } from './remains.js'
import { memoryOf, ticksOf } from './usage.js'

/** R22: a small heap, and many large tasks at once. */
export const smallHeap = ({ writes: count, heapMiB }: { writes: number; heapMiB: number }) =>
  onGround(async (ground) => {
    const token = await ground.token()
    const server = await ground.start({ node: [`--max-old-space-size=${heapMiB}`] })
    const pid = server.child.pid ?? 0
    const caller = createCaller(ground.base, token)
    const writes = new Map<string, number>()
    const description = Array.from({ length: 300 }, () => 'x'.repeat(200))
    let [next, refused, memory] = [0, 0, 0]
    const write = async () => {
      while (next < count) {
        const title = `large ${next++}`
        const reply = await caller.call('create_task', { title, description, idempotencyKey: title })
        const id = acknowledged(reply)
        if (id !== undefined) writes.set(title, id)
        else refused++
        if (server.child.exitCode === null) memory = Math.max(memory, memoryOf(pid))
      }
    }
    await Promise.all(Array.from({ length: 64 }, write))
    caller.close()
    const alive = server.child.exitCode === null && server.child.signalCode === null
    await server.stop()
    const { lost, doubled, integrity } = await lookFor(ground.path, writes)
    const figures = { heapMiB, acknowledged: writes.size, refused, alive, memoryMaxMiB: Math.round(memory) }
    return { ...figures, lost, doubled, integrity }
  })

/** R23: no file descriptor is left, because of who connects; the process waits for it to pass. Needs prlimit. */
export const noDescriptors = ({ files, connections }: { files: number; connections: number }) =>
  onGround(async (ground) => {
    const token = await ground.token()
    const server = await ground.start()
    const pid = server.child.pid ?? 0
    const caller = createCaller(ground.base, token, 1)
    spawnSync('prlimit', [`--pid=${pid}`, `--nofile=${files}`])
    const before = acknowledged(await caller.create('before')) !== undefined
    const sockets: Socket[] = Array.from({ length: connections }, () =>
      connect({ port: ground.port, host: '127.0.0.1' }).on('error', () => {}),
    )
    await pause(500)
    const ticks = ticksOf(pid)
    await pause(2000)
    const busyShare = (ticksOf(pid) - ticks) / 200
    const during = acknowledged(await caller.create('during')) !== undefined
    for (const socket of sockets) socket.destroy()
    await pause(200)
    const newcomer = createCaller(ground.base, token, 1)
    const after = acknowledged(await newcomer.create('after')) !== undefined
    caller.close()
    newcomer.close()
    return {
      before,
      during,
      after,
      busyShare,
      alive: server.child.exitCode === null,
      exitCode: await server.stop(),
    }
  })
