import { z } from 'zod'
import { isScope, SCOPES, type Scope } from './tools/scopes.js'

/** What the authorization server calls each of our scopes. One of its names may stand for several of ours. */
export type ScopeNames = Readonly<Record<Scope, string>>

/** The names that hold wherever nothing else is configured. */
export const OWN_NAMES = Object.fromEntries(SCOPES.map((scope) => [scope, scope])) as ScopeNames

/** What a client has to ask for to get these scopes: each name once. */
export const namesOf = (names: ScopeNames, scopes: readonly Scope[] = SCOPES): string[] => [
  ...new Set(scopes.map((scope) => names[scope])),
]

/** What the words of a token's scope allow here. */
export const scopesOf = (names: ScopeNames, words: readonly string[]): Scope[] =>
  SCOPES.filter((scope) => words.includes(names[scope]))

/** A scope-token of RFC 6749 section 3.3. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/

function problemOf(entry: string, scope: string, name: string | undefined): string | undefined {
  if (name === undefined) return `has the entry "${entry}", which should read like tasks:read=crm.read`
  if (!isScope(scope)) return `maps "${scope}", which is none of the scopes here: ${SCOPES.join(', ')}`
  if (SCOPE_TOKEN.test(name)) return undefined
  return `maps ${scope} to "${name}", which should be one word without spaces, quotes and backslashes`
}

/** Reads `tasks:read=crm.read,tasks:write=crm.write`; a scope that is left out keeps its own name. */
export const scopeNames = z.string().transform((text, ctx): ScopeNames => {
  const names: Partial<Record<string, string>> = {}
  for (const entry of text.split(',').map((each) => each.trim())) {
    const [scope = '', name] = entry.split(/=(.*)/s)
    const twice = scope in names ? `maps ${scope} twice, which should be mapped once` : undefined
    const problem = problemOf(entry, scope, name) ?? twice
    if (problem) ctx.addIssue(problem)
    else names[scope] = name
  }
  return { ...OWN_NAMES, ...names }
})
