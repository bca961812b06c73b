import { afterEach, expect, test } from 'vitest'
import { listTasks } from '../../src/tools/list-tasks.js'
import { rpc, startEndpoint, type TestEndpoint } from '../helpers/endpoint.js'

let at: TestEndpoint
afterEach(() => at.close())
const call = (name: string, args: object) => at.ask(rpc('legacy', 'tools/call', { name, arguments: args }))
const linesWith = (requestId: unknown): unknown[] =>
  at
    .logged()
    .split('\n')
    .filter((line) => line.includes(String(requestId)))
    .map((line) => JSON.parse(line).msg)

test('the request id of an answer stands in the log and beside the change in the audit', async () => {
  at = await startEndpoint()
  const { headers } = await call('create_task', { title: 'Call' })
  const requestId = headers['x-request-id']
  const [change] = await at.store.audit.list({ limit: 1 })
  expect(change).toMatchObject({ requestId, action: 'create' })
  expect(linesWith(requestId)).toEqual(['mcp'])
})

test('the reference of a fault is the request id, under which the log has its reason', async () => {
  const broken = { ...listTasks, run: () => Promise.reject(new Error('the disk is on fire')) }
  at = await startEndpoint({ tools: [broken] })
  const { headers, text } = await call('list_tasks', {})
  const requestId = headers['x-request-id']
  expect(text).toContain(`reference ${requestId}`)
  expect(text).not.toContain('fire')
  expect(linesWith(requestId)).toEqual(['tool failed', 'mcp'])
})
