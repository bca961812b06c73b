/** How the servers behave; every field may be changed at any time. */
export interface Behaviour {
  /** Path of the issuer that the resource names: `/auth` at first. Each path is an authorization server of its own. */
  issuerPath: string
  /** What the resource's metadata says of itself, if not the truth; null: it has no metadata. */
  resource: string | null | undefined
  /** What the resource's metadata says of its issuers. */
  issuers: string[] | undefined
  /** The issuer that the authorization server's metadata names. */
  issuer: string | undefined
  /** Fields of the authorization server's metadata to set, or to leave out with undefined. */
  metadata: Record<string, unknown>
  scopesSupported: string[] | undefined
  challengeScope: string | undefined
  /** What a 401 says instead of the usual challenge; null: nothing. */
  wwwAuthenticate: string | null | undefined
  /** Whether a token is asked for at calls of tools only. */
  opensWithoutToken: boolean
  /** Answers instead of the real one, by path below the origin: a status, or a whole reply. */
  answers: Map<string, { status: number; body?: string; headers?: Record<string, string>; times?: number }>
  /** Whether the port of a redirect address has to be the registered one. */
  strictRedirect: boolean
  /** How the authorization response names its issuer. */
  iss: 'right' | 'wrong' | 'missing'
  /** What the person does. */
  person: 'approves' | 'denies' | 'waits'
  /** Scopes that the person grants of those asked for; undefined: all. */
  grants: string[] | undefined
  expiresIn: number | undefined
  /** Milliseconds that the token endpoint takes. */
  tokenDelayMs: number
  /** Whether a refresh answers with a new refresh token, which ends the old one. */
  rotates: boolean
  /** Milliseconds in which a used refresh token gets the same answer again. */
  graceMs: number
  issuesRefreshToken: boolean
  /** An ID token that comes along unasked. */
  idToken: string | undefined
  /** Whether the device login was approved. */
  deviceApproved: boolean
}

/** Servers that hold to the standards, and a person who approves everything. */
export const goodBehaviour = (): Behaviour => ({
  issuerPath: '/auth',
  resource: undefined,
  issuers: undefined,
  issuer: undefined,
  metadata: {},
  scopesSupported: ['tasks:read', 'tasks:write'],
  challengeScope: 'tasks:read',
  wwwAuthenticate: undefined,
  opensWithoutToken: false,
  answers: new Map(),
  strictRedirect: false,
  iss: 'right',
  person: 'approves',
  grants: undefined,
  expiresIn: 600,
  tokenDelayMs: 0,
  rotates: true,
  graceMs: 30_000,
  issuesRefreshToken: true,
  idToken: undefined,
  deviceApproved: true,
})
