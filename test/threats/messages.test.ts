import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startEndpoint, type TestEndpoint } from '../helpers/endpoint.js'
import { body } from '../helpers/scenarios.js'

let at: TestEndpoint
beforeAll(async () => {
  at = await startEndpoint()
})
afterAll(() => at.close())

const INHERITED = [
  '__proto__',
  ...['constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf'],
  ...['__defineGetter__', '__lookupSetter__', 'then', 'toJSON'],
]
const request = (more: object) => body({ jsonrpc: '2.0', id: 1, ...more })

describe('a name that every object has is no name of ours', () => {
  test.each(INHERITED)('method %s', async (method) => {
    expect((await at.ask(request({ method }))).json()).toMatchObject({ id: 1, error: { code: -32601 } })
  })

  test.each(INHERITED)('tool %s', async (name) => {
    const answer = await at.ask(request({ method: 'tools/call', params: { name, arguments: {} } }))
    expect(answer.json()).toMatchObject({ id: 1, error: { code: -32602 } })
  })

  test.each(INHERITED.slice(1))('argument %s', async (name) => {
    const args = `{"${name}":{"polluted":1}}`
    const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tasks","arguments":${args}}}`
    const answer = await at.ask(body(call))
    expect(answer.json().result.content[0].text).toContain(`list_tasks has no argument "${name}"`)
  })
})

describe('an id', () => {
  const ids = [
    '""',
    '"\\u0000"',
    '"x"',
    '0',
    '-1',
    '9007199254740991',
    `"${'i'.repeat(1000)}"`,
    '"__proto__"',
  ]
  test.each(ids)('%s comes back as it was', async (id) => {
    const answer = await at.ask(body(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`))
    expect(answer.json()).toMatchObject({ id: JSON.parse(id), result: {} })
  })

  const noIds = ['null', '1.5', '1e400', '-1e400', '9007199254740993', 'true', '[]', '{}', '[1]']
  test.each(noIds)('%s is refused', async (id) => {
    const answer = await at.ask(body(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`))
    expect([answer.status, answer.json().id, answer.json().error.code]).toEqual([400, null, -32600])
  })
})

describe('params of a call', () => {
  test.each([
    {},
    { name: null },
    { name: 1 },
    { name: ['get_task'] },
    { name: { toString: 'get_task' } },
    { name: 'get_task', arguments: null },
    { name: 'get_task', arguments: [] },
    { name: 'get_task', arguments: 'taskId=1' },
    { name: 'get_task', arguments: { taskId: 1 }, _meta: null },
    { name: 'get_task', arguments: { taskId: 1 }, _meta: { progressToken: {} } },
  ])('%j: an error, and no fault of ours', async (params) => {
    const answer = await at.ask(request({ method: 'tools/call', params }))
    const { error, result } = answer.json()
    expect(error?.code ?? result?.isError, answer.text).toBeTruthy()
    expect(answer.status).toBeLessThan(500)
    expect(answer.text).not.toContain('INTERNAL')
  })
})
