import { spawn } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Holder, type Lock, tryLock, waitForLock } from '../../src/proxy/lock.js'

let root: string
let directory: string
const open: (Lock | Holder)[] = []

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'zuko-lock-'))
  directory = join(root, 'l')
})

afterEach(async () => {
  for (const one of open.splice(0)) await (one.held ? one.release() : one.leave())
  await rm(root, { recursive: true, force: true })
})

async function attempt(name = 'one', at = directory): Promise<Lock | Holder> {
  const found = await tryLock(at, name)
  open.push(found)
  return found
}

async function take(name?: string): Promise<Lock> {
  const found = await attempt(name)
  if (!found.held) throw new Error('Somebody else has the lock.')
  return found
}

async function meet(name?: string): Promise<Holder> {
  const found = await attempt(name)
  if (found.held) throw new Error('Nobody else has the lock.')
  return found
}

it('has one holder', async () => {
  await take()
  expect((await attempt()).held).toBe(false)
})

it('is one for each name', async () => {
  await take('one')
  expect((await attempt('other')).held).toBe(true)
})

it('is not confused by a name that begins the same', async () => {
  await take('one')
  expect((await attempt('on')).held).toBe(true)
})

it('is free again once released, and those who wait hear it', async () => {
  const lock = await take()
  const holder = await meet()
  await lock.release()
  await holder.gone
  expect((await attempt()).held).toBe(true)
})

it('has one holder at a time among many who want it at once', async () => {
  let holders = 0
  let most = 0
  const turn = async () => {
    const lock = await waitForLock(directory, 'one', 15_000)
    holders += 1
    most = Math.max(most, holders)
    await new Promise((resume) => setTimeout(resume, 2))
    holders -= 1
    await lock.release()
  }
  await Promise.all(Array.from({ length: 20 }, turn))
  expect(most).toBe(1)
})

it('tells those who wait now, and those who come later', async () => {
  const lock = await take()
  const early = await meet()
  const heard = new Promise<string>((resolve) => early.onNote(resolve))
  lock.tell('news')
  expect(await heard).toBe('news')
  const late = await meet()
  expect(await new Promise<string>((resolve) => late.onNote(resolve))).toBe('news')
})

it('gives up in words when the holder keeps it too long', async () => {
  await take()
  await expect(waitForLock(directory, 'one', 50)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})

it('stops waiting when it is told to', async () => {
  await take()
  const controller = new AbortController()
  const waiting = waitForLock(directory, 'one', 10_000, controller.signal)
  controller.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED' })
})

it.each(['one.dead', 'one.dead.draft'])(
  'passes over %s of a process that was killed, and removes it',
  async (name) => {
    const lock = await take()
    await lock.release()
    const path = join(directory, name)
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
    await new Promise((resolve) => spawn(process.execPath, ['-e', script]).once('exit', resolve))
    expect(readdirSync(directory)).toEqual([name])
    const after = await take()
    expect(readdirSync(directory)).not.toContain(name)
    await after.release()
  },
)

it('is not taken from a process that stands still, as a laptop asleep does', async () => {
  await (await take()).release()
  const path = join(directory, 'one.asleep')
  const script = `require('net').createServer(() => {}).listen(${JSON.stringify(path)}, () => console.log('up'))`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  child.kill('SIGSTOP')
  try {
    expect((await attempt()).held).toBe(false)
  } finally {
    child.kill('SIGKILL')
  }
})

it('leaves nothing behind', async () => {
  const lock = await take()
  await lock.release()
  expect(readdirSync(directory)).toEqual([])
})

it('works in a directory whose path is too long for a socket', async () => {
  const deep = join(root, 'd'.repeat(90), 'e'.repeat(90))
  const lock = await attempt('one', deep)
  expect(lock.held).toBe(true)
  expect((await attempt('one', deep)).held).toBe(false)
  if (lock.held) await lock.release()
  const place = readdirSync('/tmp').filter((name) => name.startsWith(`zuko-mcp-${process.getuid?.()}-`))
  for (const name of place)
    if (readdirSync(join('/tmp', name)).length === 0) rmSync(join('/tmp', name), { recursive: true })
})

it('refuses a directory that others may enter', async () => {
  const { chmod, mkdir } = await import('node:fs/promises')
  await mkdir(directory)
  await chmod(directory, 0o755)
  await expect(tryLock(directory, 'one')).rejects.toThrow('open to other users (mode 755)')
})

it('keeps clear of files that are none of its own', async () => {
  await (await take()).release()
  await writeFile(join(directory, 'other.txt'), '')
  const server = createServer().listen(join(directory, 'two.1'))
  await new Promise((resolve) => server.once('listening', resolve))
  expect((await attempt('one')).held).toBe(true)
  server.close()
})
