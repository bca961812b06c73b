import { connect, type Socket } from 'node:net'
import { createCaller, pause, quantile } from './calls.js'
import { type Ground, onGround } from './ground.js'
import { memoryOf } from './usage.js'

const openAll = (port: number, count: number, greet: (socket: Socket) => void): Promise<Socket[]> =>
  Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Socket>((resolve) => {
          const socket = connect({ port, host: '127.0.0.1' }, () => {
            greet(socket)
            resolve(socket)
          })
          socket.on('error', () => resolve(socket)).resume()
        }),
    ),
  )

/** A hundred calls one after another: how long they take, and how many are not served. */
async function served(ground: Ground, token: string) {
  const caller = createCaller(ground.base, token, 1)
  const replies = []
  for (let count = 0; count < 100; count++) replies.push(await caller.call('list_tasks'))
  caller.close()
  const failed = replies.filter(({ status }) => status !== 200).length
  const p99 = quantile(
    replies.map(({ ms }) => ms),
    0.99,
  )
  return { p99, failed }
}

/** R18: others hold many connections, first idle ones, then ones that send their headers byte by byte. */
export const heldConnections = ({ count }: { count: number }) =>
  onGround(async (ground) => {
    const token = await ground.token()
    const server = await ground.start()
    const pid = server.child.pid ?? 0
    await served(ground, token)
    const alone = await served(ground, token)
    const memoryBefore = memoryOf(pid)
    const host = `Host: 127.0.0.1:${ground.port}\r\n`
    const idle = await openAll(ground.port, count, (socket) =>
      socket.write(`GET /healthz HTTP/1.1\r\n${host}\r\n`),
    )
    const besideIdle = await served(ground, token)
    const memoryAfter = memoryOf(pid)
    for (const socket of idle) socket.destroy()
    const begun = performance.now()
    const slow = await openAll(ground.port, count, (socket) => socket.write(`GET / HTTP/1.1\r\n${host}`))
    const drip = setInterval(() => {
      for (const socket of slow) if (socket.writable) socket.write('X')
    }, 500)
    const besideSlow = await served(ground, token)
    while (slow.some((socket) => !socket.closed) && performance.now() - begun < 30_000) await pause(50)
    clearInterval(drip)
    const slowGoneMs = Math.round(performance.now() - begun)
    const left = slow.filter((socket) => !socket.closed).length
    for (const socket of slow) socket.destroy()
    const exitCode = await server.stop()
    return {
      connections: count,
      aloneP99Ms: alone.p99,
      besideIdleP99Ms: besideIdle.p99,
      besideSlowP99Ms: besideSlow.p99,
      failed: alone.failed + besideIdle.failed + besideSlow.failed,
      memoryGrowthMiB: Math.round(memoryAfter - memoryBefore),
      slowLeft: left,
      slowGoneMs,
      exitCode,
    }
  })
