import { describe, expect, test } from 'vitest'
import { namesOf, OWN_NAMES, scopeNames, scopesOf } from '../../src/scope-names.js'
import { isScope, SCOPE_SENTENCES, SCOPES } from '../../src/tools/scopes.js'

describe('our scopes', () => {
  test('are these, in this order', () => {
    expect(SCOPES).toEqual(['organizations:read', 'tasks:read', 'tasks:write'])
  })

  test('are explained to a person in a sentence each', () => {
    expect(SCOPE_SENTENCES).toEqual({
      'organizations:read': 'See which organizations you belong to, and your role in each.',
      'tasks:read': 'Read the tasks of your organizations: titles, descriptions, owners and status.',
      'tasks:write': 'Create tasks and change existing ones in your name.',
    })
  })

  test('are known from other words', () => {
    expect(SCOPES.every(isScope)).toBe(true)
    for (const word of ['', 'tasks', 'tasks:read ', 'TASKS:READ', 'toString', 'offline_access'])
      expect(isScope(word)).toBe(false)
  })

  test('have their own names where nothing else is configured', () => {
    expect(OWN_NAMES).toEqual({
      'organizations:read': 'organizations:read',
      'tasks:read': 'tasks:read',
      'tasks:write': 'tasks:write',
    })
  })
})

describe('names of another server', () => {
  const names = { ...OWN_NAMES, 'tasks:read': 'crm', 'tasks:write': 'crm' }

  test('are asked for once each', () => {
    expect(namesOf(names)).toEqual(['organizations:read', 'crm'])
    expect(namesOf(names, ['tasks:write'])).toEqual(['crm'])
    expect(namesOf(OWN_NAMES)).toEqual([...SCOPES])
  })

  test('allow what they stand for, in our order', () => {
    expect(scopesOf(names, ['crm', 'x'])).toEqual(['tasks:read', 'tasks:write'])
    expect(scopesOf(names, ['tasks:read', ''])).toEqual([])
    expect(scopesOf(OWN_NAMES, ['tasks:write', 'organizations:read', 'tasks:write'])).toEqual([
      'organizations:read',
      'tasks:write',
    ])
  })
})

describe('OAUTH_SCOPES', () => {
  const read = (text: string) => scopeNames.safeParse(text)
  const problems = (text: string) => read(text).error?.issues.map(({ message }) => message)

  test('maps what it names, and the rest keeps its name', () => {
    expect(read('tasks:read=crm.read, tasks:write=https://crm.example/w=1').data).toEqual({
      'organizations:read': 'organizations:read',
      'tasks:read': 'crm.read',
      'tasks:write': 'https://crm.example/w=1',
    })
  })

  test.each([
    ['tasks:read', 'has the entry "tasks:read", which should read like tasks:read=crm.read'],
    ['', 'has the entry "", which should read like tasks:read=crm.read'],
    [
      'tasks=crm',
      'maps "tasks", which is none of the scopes here: organizations:read, tasks:read, tasks:write',
    ],
    ['tasks:read=', 'maps tasks:read to "", which should be one word without spaces, quotes and backslashes'],
    [
      'tasks:read=a b',
      'maps tasks:read to "a b", which should be one word without spaces, quotes and backslashes',
    ],
    [
      'tasks:read="a"',
      'maps tasks:read to ""a"", which should be one word without spaces, quotes and backslashes',
    ],
    [
      'tasks:read=a\\',
      'maps tasks:read to "a\\", which should be one word without spaces, quotes and backslashes',
    ],
  ])('%j is refused in words', (text, problem) => {
    expect(problems(text)).toEqual([problem])
  })

  test('names every problem at once', () => {
    expect(problems('tasks:read=a,tasks:read=b,x=1')).toEqual([
      'maps tasks:read twice, which should be mapped once',
      'maps "x", which is none of the scopes here: organizations:read, tasks:read, tasks:write',
    ])
  })
})
