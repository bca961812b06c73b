/** The scopes of the resource, in the order that metadata and consent show them. */
export const SCOPES = ['organizations:read', 'tasks:read', 'tasks:write'] as const
export type Scope = (typeof SCOPES)[number]

/** What a person reads beside each checkbox of the consent screen. */
export const SCOPE_SENTENCES: Record<Scope, string> = {
  'organizations:read': 'See which organizations you belong to, and your role in each.',
  'tasks:read': 'Read the tasks of your organizations: titles, descriptions, owners and status.',
  'tasks:write': 'Create tasks and change existing ones in your name.',
}

export const isScope = (value: string): value is Scope => (SCOPES as readonly string[]).includes(value)
