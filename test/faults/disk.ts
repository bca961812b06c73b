import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { acknowledged, type Caller, createCaller, pause } from './calls.js'
import { type Ground, isRoot, onGround, type Server } from './ground.js'
import { lookFor } from './remains.js'

/** A disk in memory; undefined for who may not mount one. */
export function mountDisk(megabytes: number): { folder: string; unmount(): void } | undefined {
  if (!isRoot) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'zuko-disk-'))
  const unmount = () => {
    spawnSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
  }
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]).status === 0)
    return { folder, unmount }
  rmSync(folder, { recursive: true, force: true })
  return undefined
}

/** Whether this machine lets the fault be made. */
export function canMount(): boolean {
  const disk = mountDisk(1)
  disk?.unmount()
  return disk !== undefined
}

/** Fills what is left of a disk. */
function fill(folder: string): string {
  const file = join(folder, 'filler')
  const descriptor = openSync(file, 'w')
  try {
    for (;;) writeFileSync(descriptor, Buffer.alloc(4096))
  } catch {
    closeSync(descriptor)
    return file
  }
}

async function whileFull(ground: Ground, caller: Caller, server: Server, refusals: number) {
  const writes = new Map<string, number>()
  const figures = { refused: 0, withoutRetryAfter: 0, unexpected: 0, reads: 0 }
  const write = async (title: string): Promise<boolean> => {
    const reply = await caller.call('create_task', { title, description: 'x'.repeat(2000) })
    const id = acknowledged(reply)
    if (id !== undefined) writes.set(title, id)
    else if (reply.status === 503) figures.refused++
    else figures.unexpected++
    if (reply.status === 503 && reply.retryAfter === undefined) figures.withoutRetryAfter++
    return id !== undefined
  }
  for (let count = 0; count < 20; count++) await write(`before ${count}`)
  const filler = fill(ground.home)
  for (let count = 0; figures.refused < refusals && count < 2000; count++) {
    await write(`full ${count}`)
    if ((await caller.call('list_tasks')).status === 200) figures.reads++
  }
  rmSync(filler)
  const freed = performance.now()
  let resumed = false
  for (let count = 0; count < 100 && !resumed; count++) {
    resumed = await write(`after ${count}`)
    if (!resumed) await pause(50)
  }
  const resumedAfterMs = Math.round(performance.now() - freed)
  return { ...figures, resumed, resumedAfterMs, alive: server.child.exitCode === null, writes }
}

/** R4: the disk that holds the store and the log is full, and then is not any more. Needs a mount. */
export async function fullDisk({ refusals }: { refusals: number }) {
  const disk = mountDisk(8)
  if (!disk) throw new Error('A full disk needs root, to mount a small one.')
  try {
    return await onGround(async (ground) => {
      const token = await ground.token()
      const log = openSync(join(ground.home, 'log'), 'w')
      const server = await ground.start({ log, env: { LOG_LEVEL: 'trace' } })
      const caller = createCaller(ground.base, token)
      const { writes, ...figures } = await whileFull(ground, caller, server, refusals)
      caller.close()
      await server.stop()
      const { lost, doubled, integrity } = await lookFor(ground.path, writes)
      return { acknowledged: writes.size, ...figures, lost, doubled, integrity }
    }, disk.folder)
  } finally {
    disk.unmount()
  }
}
