import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openTokenCache } from '../../src/proxy/token-cache.js'
import { copyProgram } from '../helpers/built.js'

const WRITER = fileURLToPath(new URL('../helpers/token-writer.mjs', import.meta.url))
const KILLS = 200
const AT_ONCE = 5

it(`what is kept always parses, after each of ${KILLS} writers that were killed while they wrote`, async () => {
  const built = copyProgram()
  const root = mkdtempSync(join(tmpdir(), 'zuko-kill-'))
  const directory = join(root, 'logins')
  const url = new URL('https://crm.example/api/mcp')
  const cache = openTokenCache({ url, profile: 'default', directory, store: 'file', say: () => {} })

  const writeAndDie = async () => {
    const writer = fork(WRITER, [built.directory, directory])
    const exited = once(writer, 'exit')
    await once(writer, 'message')
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20))
    writer.kill('SIGKILL')
    expect(await exited).toEqual([null, 'SIGKILL'])
    expect((await cache.credential())?.accessToken).toMatch(/^a+$/)
    for (const name of readdirSync(directory)) {
      if (name.endsWith('.json')) JSON.parse(readFileSync(join(directory, name), 'utf8'))
    }
  }
  const killer = async () => {
    for (let kill = 0; kill < KILLS / AT_ONCE; kill++) await writeAndDie()
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, killer))
  } finally {
    rmSync(root, { recursive: true, force: true })
    built.remove()
  }
}, 300_000)
