/** An MCP client: where it keeps its servers, and what it wants written there. One file per client holds one. */
export interface Client {
  /** What a person types: `cursor`. */
  id: string
  name: string
  format: 'json' | 'toml'
  /** Where the servers stand in its file, each by its name. */
  key: readonly string[]
  /** Where they stand in the place of `key`, in a file that has this already. */
  newerKey?: readonly string[]
  /** The files that hold for all projects of a person, of which it reads every one; the first is the usual one. */
  files(folders: Folders): readonly [string, ...string[]]
  /** The file of one project, below its folder; left out where the client has none. */
  projectFile?: string
  /** How it reaches a remote server best. */
  via: Via
  /** The entry of a server at an address. */
  http(url: string): Entry
  /** The entry of a server that the client starts as a program. */
  program(command: Command): Entry
  /** The client's own command that does the same; undefined where it has none for that scope. */
  ownCommand?(server: Server, scope?: Scope): string[] | undefined
  /** An address that installs the server when a person follows it. */
  installLink?(server: Server): string
  /** What a person does once the address is written; words to be typed stand between backticks. */
  next(name: string): string
  /** Anything else that a person has to know, in sentences of the same kind. */
  notes?: readonly string[]
}

export interface Server {
  name: string
  /** The endpoint, such as https://host/api/mcp. */
  url: string
}

export type Via = 'http' | 'proxy'
export type Scope = 'user' | 'project'
/** A program and its arguments. */
export type Command = readonly [string, ...string[]]
export type Entry = Readonly<Record<string, string | boolean | readonly string[]>>

/** Where clients keep what belongs to a person, on this computer. */
export interface Folders {
  platform: NodeJS.Platform
  home: string
  /** `~/.config`, or where XDG_CONFIG_HOME puts it. */
  config: string
  /** Where desktop programs keep their settings: Application Support, AppData\Roaming, or the same as `config`. */
  programs: string
  /** What CLAUDE_CONFIG_DIR, CODEX_HOME and GEMINI_CLI_HOME say. */
  claude: string | undefined
  codex: string | undefined
  gemini: string | undefined
}
