import { OWN_NAMES } from '../../src/scope-names.js'
import type { ConsentPage, ErrorPage, FrontPage, SignInPage } from '../../src/serve/pages.js'

export const signIn: Required<SignInPage> & { client: { name: string; host: string } } = {
  query: 'client_id=abc&scope=tasks%3Aread&sig=s1',
  email: 'ada@example.com',
  error: 'Email and password do not belong together.',
  client: { name: 'Claude Code', host: '127.0.0.1:53682' },
}

export const consent: ConsentPage = {
  query: 'client_id=abc&scope=tasks%3Aread&sig=s1',
  csrf: 'one-time',
  client: {
    name: 'Claude Code',
    redirectHost: '127.0.0.1:53682',
    uri: 'https://client.example/about',
    verified: false,
    loopback: true,
  },
  person: { name: 'Ada Fischer', email: 'ada@example.com' },
  scopes: [
    { name: 'tasks:read', sentence: 'Read the tasks of your organizations.' },
    { name: 'tasks:write', sentence: 'Create tasks and change existing ones in your name.' },
  ],
  organizations: ['Acme', 'Northwind'],
}

export const error: ErrorPage = {
  title: 'This page has expired',
  message: 'Go back to the client and connect again.',
  status: 400,
  requestId: 'r-1',
}

export const front: FrontPage = {
  backendUrl: 'https://crm.example.com',
  resource: 'https://crm.example.com/api/mcp',
  version: '0.1.0',
  demo: [{ email: 'ada@acme.example', password: 'correct-horse' }],
}

/** The same where another product signs people in, and calls two scopes otherwise. */
export const abroad = {
  ...front,
  demo: undefined,
  foreign: {
    issuer: 'https://id.example/realms/acme',
    scopeNames: { ...OWN_NAMES, 'tasks:read': 'crm.read', 'tasks:write': 'crm.write' },
  },
} satisfies FrontPage
