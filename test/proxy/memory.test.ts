import { readdirSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { serverMemory } from '../../src/proxy/memory.js'
import { temporaryFolder } from '../helpers/folder.js'

const { at, remove } = temporaryFolder()
afterAll(remove)

const url = new URL('http://127.0.0.1:3001/api/mcp')
const said = { tools: [{ name: 'list_tasks' }] }

test('what a server said is known to the next process, to the same profile only', async () => {
  const first = serverMemory(at('kept'), url, 'default')
  first.keep(said)
  await first.settled()
  expect(await serverMemory(at('kept'), url, 'default').recall()).toEqual(said)
  expect(await serverMemory(at('kept'), url, 'work').recall()).toEqual({})
})

test('what was kept is forgotten with its file, and so is what was still to be kept', async () => {
  const memory = serverMemory(at('forgotten'), url, 'default')
  memory.keep(said)
  await memory.forget()
  expect(await memory.recall()).toEqual({})
  expect(readdirSync(at('forgotten'))).toEqual([])
})
