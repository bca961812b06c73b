import { afterAll, beforeAll, expect, test } from 'vitest'
import { publicUrls } from '../../src/config.js'
import { OWN_NAMES } from '../../src/scope-names.js'
import { createMetadata, resourceMetadata } from '../../src/serve/metadata.js'
import { type Listening, listen, send } from '../helpers/http.js'

let server: Listening
beforeAll(async () => {
  server = await listen(createMetadata(publicUrls('https://crm.example'), 'https://crm.example'))
})
afterAll(() => server.close())

test('says who issues tokens for the resource, and which scopes it has', async () => {
  const answer = await send(server.port, { method: 'GET', path: '/' })
  expect(answer.status).toBe(200)
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json',
    'access-control-allow-origin': '*',
    'cache-control': 'public, max-age=300',
  })
  expect(answer.json()).toEqual({
    resource: 'https://crm.example/api/mcp',
    authorization_servers: ['https://crm.example/auth'],
    scopes_supported: ['organizations:read', 'tasks:read', 'tasks:write'],
    bearer_methods_supported: ['header'],
    resource_name: 'Zuko',
    resource_documentation: 'https://crm.example/',
  })
})

test('names another product’s authorization server, and each of its scopes once', () => {
  const foreign = { issuer: 'https://id.example/realms/acme' }
  const names = { ...OWN_NAMES, 'tasks:read': 'crm', 'tasks:write': 'crm' }
  const document = resourceMetadata(publicUrls('https://crm.example', foreign), 'https://crm.example', names)
  expect(document).toMatchObject({
    resource: 'https://crm.example/api/mcp',
    authorization_servers: ['https://id.example/realms/acme'],
    scopes_supported: ['organizations:read', 'crm'],
  })
})

test.each([
  ['HEAD', 200],
  ['OPTIONS', 204],
  ['POST', 405],
])('answers %s with %i and no body', async (method, status) => {
  const answer = await send(server.port, { method, path: '/' })
  expect([answer.status, answer.text]).toEqual([status, ''])
  expect(answer.headers['access-control-allow-origin']).toBe('*')
})
