import { afterAll, expect, test } from 'vitest'
import { createBrowser } from '../helpers/browser.js'
import { temporaryFolder } from '../helpers/folder.js'
import { freePort, program } from '../helpers/program.js'

const { folder, file, at, remove } = temporaryFolder()
afterAll(remove)

const call = (name: string, args: object) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: args },
})

test('seeding, exporting and backing up run while serve reads and writes, without an error', {
  timeout: 120_000,
}, async () => {
  const base = `http://127.0.0.1:${await freePort()}`
  const { start, succeed } = program(folder, { BACKEND_URL: base, RATE_LIMIT: 'off', LOG_LEVEL: 'warn' })
  await succeed(['admin', 'seed', '--demo'])
  const token = await succeed(['admin', 'token', '--as', 'ada@example.com', '--ttl', '15m'])
  const serving = start(['serve'])
  const ready = async () => (await fetch(`${base}/readyz`).catch(() => undefined))?.status === 200
  while (!(await ready())) await new Promise((resolve) => setTimeout(resolve, 50))

  const answers: string[] = []
  let busy = true
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
  const ask = async (json: object) => {
    const { status, body } = await createBrowser().send(`${base}/api/mcp`, { headers, json })
    const wrong = status !== 200 || body.includes('"isError":true') || body.includes('"error"')
    answers.push(wrong ? `${status} ${body}` : 'fine')
  }
  const load = async (number: number) => {
    for (let turn = 0; busy; turn += 1) {
      await ask(call('list_tasks', {}))
      await ask(call('create_task', { organizationId: 1, title: `Load ${number} ${turn}` }))
    }
  }
  const loading = [1, 2, 3].map(load)

  const tasks = Array.from({ length: 1000 }, (_, index) => ({
    organization: 'juniper',
    title: `Seeded ${index}`,
  }))
  await succeed(['admin', 'seed', '--random', '6000'])
  await succeed(['admin', 'seed', file('more.json', JSON.stringify({ tasks }))])
  await succeed(['admin', 'backup', at('copy.db')])
  await succeed(['admin', 'export', at('all.ndjson')])
  await succeed(['admin', 'organizations', 'remove', 'made-up-1-1', '--yes'])
  await succeed(['admin', 'audit', 'verify'])
  busy = false
  await Promise.all(loading)

  expect(answers.length).toBeGreaterThan(20)
  expect(answers.filter((answer) => answer !== 'fine')).toEqual([])
  serving.child.kill('SIGTERM')
  expect(await serving.ended).toMatchObject({ code: 0, stderr: '' })
})
