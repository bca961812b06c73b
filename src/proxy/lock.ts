import { createHash, randomBytes } from 'node:crypto'
import { readdir, rename, rm } from 'node:fs/promises'
import { createConnection, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ZukoError } from '../errors.js'
import { cannotKeep, ensurePrivateDirectory } from './private-file.js'

/**
 * Locks across processes that the kernel lets go of: holding one means listening on a local socket, so a
 * crash frees it, and a laptop that sleeps for a day still holds it when it wakes.
 *
 * A socket file can outlive its process, and removing a stale file by a shared name is a race. So no name is
 * shared: everyone who wants the lock listens under a name of its own, then looks who else is listening. Of two
 * who want it at once, whoever looks last sees the other; who sees anybody withdraws. A dead socket's name never
 * comes to life again, so removing it is safe at any time. On Windows a named pipe has one owner and no file.
 */
export interface Lock {
  held: true
  /** Says one line to everybody who waits now or later. */
  tell(note: string): void
  release(): Promise<void>
}

/** Somebody else has the lock. */
export interface Holder {
  held: false
  onNote(listener: (note: string) => void): void
  /** Settles once the holder has released the lock or died. */
  gone: Promise<void>
  /** Stops waiting. */
  leave(): void
}

/** The longest socket path that every system takes is 103 bytes; this leaves room for a name. */
const MAX_DIRECTORY = 60
const DRAFT = '.draft'
const windows = process.platform === 'win32'

/** Takes the lock `name` of a directory, or says who has it. */
export async function tryLock(directory: string, name: string): Promise<Lock | Holder> {
  if (windows) return tryPipe(directory, name)
  const place = await socketDirectory(directory)
  for (let attempt = 1; ; attempt++) {
    const holder = await findLive(place, name)
    if (holder) return holder
    const own = `${name}.${randomBytes(6).toString('hex')}`
    const lock = await announce(place, own)
    const rival = await findLive(place, name, own)
    if (lock && !rival) return lock
    rival?.leave()
    await lock?.release()
    await sleep(Math.random() * 10 * Math.min(attempt, 10))
  }
}

/**
 * Waits for the lock.
 * @throws ZukoError UNAVAILABLE when another process keeps it for longer than `timeoutMs`, INTERRUPTED by `signal`
 */
export async function waitForLock(
  directory: string,
  name: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Lock> {
  const late = AbortSignal.timeout(timeoutMs)
  const patience = signal ? AbortSignal.any([signal, late]) : late
  for (;;) {
    if (signal?.aborted) throw new ZukoError('INTERRUPTED', 'The wait for the login was cancelled.')
    const found = await tryLock(directory, name)
    if (found.held) return found
    if (late.aborted) {
      found.leave()
      throw new ZukoError(
        'UNAVAILABLE',
        'Another zuko-mcp process has been renewing the login for too long.',
        {
          fix: 'end the other zuko-mcp process, then try again',
        },
      )
    }
    await untilGone(found, patience)
  }
}

/** Waits until the holder has let go, or the signal ends the wait. */
export async function untilGone(holder: Holder, signal: AbortSignal): Promise<void> {
  const leave = () => holder.leave()
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
  await holder.gone
  signal.removeEventListener('abort', leave)
}

/** Sockets live beside the logins, or, where that path is too long for one, in a directory of the user's own. */
async function socketDirectory(directory: string): Promise<string> {
  const short = Buffer.byteLength(directory) <= MAX_DIRECTORY
  const place = short ? directory : `/tmp/zuko-mcp-${process.getuid?.()}-${digest(directory)}`
  await ensurePrivateDirectory(place)
  return place
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)

/** Who listens under the name, but for `except`. Sockets that nobody listens on any more are removed on the way. */
async function findLive(place: string, name: string, except?: string): Promise<Holder | undefined> {
  for (const entry of await readdir(place)) {
    if (!entry.startsWith(`${name}.`) || entry === except) continue
    const path = join(place, entry)
    const holder = await reach(path)
    if (holder) return holder
    await rm(path, { force: true })
  }
  return undefined
}

/**
 * Listens under a draft name first: a name that counts always answers. Undefined where somebody took the draft, which
 * does not answer for its first moment, for a dead one.
 */
async function announce(place: string, name: string): Promise<Lock | undefined> {
  const draft = join(place, `${name}${DRAFT}`)
  const path = join(place, name)
  const lock = await listen(draft, () => rm(path, { force: true })).catch((error) => {
    throw cannotKeep(place, error)
  })
  try {
    await rename(draft, path)
    return lock
  } catch (error) {
    await lock.release()
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function listen(path: string, beforeClose: () => Promise<void>): Promise<Lock> {
  const waiting = new Set<Socket>()
  let last = ''
  const server = createServer((socket) => {
    socket.unref()
    socket.on('error', () => socket.destroy())
    socket.on('close', () => waiting.delete(socket))
    socket.resume()
    waiting.add(socket)
    if (last) socket.write(last)
  })
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject)
    server.listen(path, resolve)
  })
  server.unref()
  return {
    held: true,
    tell: (note) => {
      last = `${note}\n`
      for (const socket of waiting) socket.write(last)
    },
    release: async () => {
      await beforeClose()
      for (const socket of waiting) socket.end()
      server.close()
    },
  }
}

/** Connects to whoever listens there; undefined when nobody does any more. */
async function reach(path: string): Promise<Holder | undefined> {
  const socket = createConnection(path)
  const answered = await new Promise<boolean>((resolve, reject) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false)
      else if (error.code === 'EAGAIN' || error.code === 'ECONNRESET') resolve(true)
      else reject(error)
    })
  })
  return answered ? follow(socket) : undefined
}

function follow(socket: Socket): Holder {
  let text = ''
  let last: string | undefined
  const listeners: ((note: string) => void)[] = []
  const gone = new Promise<void>((resolve) => {
    if (socket.destroyed) setTimeout(resolve, 50)
    socket.once('close', () => resolve())
  })
  socket.on('error', () => socket.destroy())
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (text + chunk).split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) {
      last = line
      for (const listener of listeners) listener(line)
    }
  })
  return {
    held: false,
    gone,
    onNote: (listener) => {
      listeners.push(listener)
      if (last !== undefined) listener(last)
    },
    leave: () => socket.destroy(),
  }
}

async function tryPipe(directory: string, name: string): Promise<Lock | Holder> {
  const path = `\\\\.\\pipe\\zuko-mcp-${digest(directory)}-${name}`
  for (;;) {
    try {
      return await listen(path, async () => {})
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
    const holder = await reach(path)
    if (holder) return holder
  }
}
