/** What the relay asks of a login. */
export interface Session {
  /**
   * A token for the resource if one can be had without a person, else undefined. Never opens a browser. One at hand
   * comes as it is, for it is asked for with every call.
   */
  token(): string | undefined | Promise<string | undefined>
  /**
   * The server refused: 401 (any token, or none) or 403 insufficient_scope. Refreshes or, where a person is
   * needed, starts or joins the login (one across all processes). Resolves with a new token once there is one,
   * or with what the person must do as soon as that is known (`url` is where to sign in); the login goes on in
   * the background.
   */
  challenged(refusal: Refusal): Promise<Outcome>
  /** Called whenever a login (ours or a sibling's) has brought a new token. */
  onLogin(listener: () => void): void
  close(): Promise<void>
}

export interface Refusal {
  status: 401 | 403
  wwwAuthenticate: string | undefined
  /** The token that was refused; undefined where none was sent. */
  token: string | undefined
}

/** Where a person signs in, and the code to enter there where they do it on another device. */
export interface SignIn {
  url: string
  code?: string
}

export type Outcome =
  | { kind: 'token'; token: string }
  | ({ kind: 'sign-in'; done: Promise<string> } & SignIn)
  | { kind: 'failed'; message: string; fix?: string }

export interface ProxyOptions {
  url: URL
  clientId?: string
  clientSecretFile?: string
  clientMetadataUrl?: string
  scope?: string
  resource?: string
  callbackPort?: number
  profile: string
  browser: boolean
  clientCredentials: boolean
  device: boolean
  headers: Record<string, string>
  token?: string
  authTimeoutMs: number
  store?: 'keyring' | 'file'
  /** Where logins are kept; made 0700. */
  directory: string
  now(): number
  fetch: typeof globalThis.fetch
  /** Words for people, on stderr. */
  say(line: string): void
  openBrowser?(url: URL): Promise<void>
}
