import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { createBrowser } from '../helpers/browser.js'
import { freePort } from '../helpers/program.js'
import { ROOT } from '../helpers/sources.js'

const BIN = join(ROOT, 'bin', 'zuko-mcp.js')
const folder = mkdtempSync(join(tmpdir(), 'zuko-shutdown-'))
const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

async function untilReady(base: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await createBrowser()
      .send(`${base}/readyz`)
      .catch(() => undefined)
    if (answer?.status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the server did not become ready')
}

test('SIGTERM under load: every answer is whole, every acknowledged task is there, the exit code is 0', async () => {
  const base = `http://127.0.0.1:${await freePort()}`
  const path = join(folder, 'shutdown.db')
  const env = {
    ...process.env,
    BACKEND_URL: base,
    DATABASE_URL: `file:${path}`,
    RATE_LIMIT: 'off',
    LOG_LEVEL: 'warn',
  }
  const admin = (...args: string[]) =>
    execFileSync(process.execPath, [BIN, 'admin', ...args], { env, encoding: 'utf8' })
  admin('users', 'add', 'ada@example.com')
  admin('organizations', 'add', 'Acme')
  admin('members', 'add', 'ada@example.com', 'acme')
  const token = admin('token', '--as', 'ada@example.com').trim()

  const child = spawn(process.execPath, [BIN, 'serve'], { env, stdio: 'ignore' })
  started.push(child)
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  await untilReady(base)

  const acknowledged: number[] = []
  const halves: string[] = []
  let stopped = false
  const create = async (title: string) => {
    const answer = await createBrowser().send(`${base}/api/mcp`, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      json: {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'create_task', arguments: { title } },
      },
    })
    if (answer.status === 200) acknowledged.push(JSON.parse(answer.body).result.structuredContent.id)
    else if (answer.status !== 503) halves.push(`${answer.status} ${answer.body}`)
  }
  const worker = async (name: number) => {
    for (let index = 0; index < 500 && !stopped; index += 1) {
      await create(`task ${name}-${index}`).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ECONNREFUSED' && error.code !== 'ECONNRESET') halves.push(String(error))
        stopped = true
      })
    }
  }
  const workers = Promise.all(Array.from({ length: 8 }, (_, name) => worker(name)))
  while (acknowledged.length < 40) await new Promise((resolve) => setTimeout(resolve, 10))
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
  await workers

  expect(halves).toEqual([])
  const store = await openStore(path)
  const person = await store.people.findByEmail('ada@example.com')
  for (const id of acknowledged) expect((await store.tasks.get(person?.id ?? 0, id))?.id).toBe(id)
  await store.close()
})
