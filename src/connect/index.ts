import { CLIENTS, type Client, type Folders, type Scope, type Via } from '../clients/index.js'
import { commandLine, entryOf, snippetOf } from '../clients/snippet.js'
import { type Change, carryOut, connecting, disconnecting } from './change.js'
import { difference } from './difference.js'
import { documentOf } from './document.js'
import { readState } from './file.js'
import { isHere, projectFile, userFile } from './place.js'
import { addressIn, shellSafe } from './target.js'

/** Where things are, and where words go. */
export interface ConnectContext {
  folders: Folders
  /** The folder of the project, where `project` asks for one. */
  working: string
  /** One line of the answer. */
  print(line: string): void
  /** One line for a person beside the answer. */
  say(line: string): void
}

export interface ConnectOptions {
  client: Client
  name: string
  url: string
  via: Via
  scope: Scope
  json: boolean
}

const pathOf = ({ client, scope }: ConnectOptions, { folders, working }: ConnectContext): string =>
  scope === 'project' ? projectFile(client, working) : userFile(client, folders)

function entryFor({ client, url, via }: ConnectOptions, { folders: { platform } }: ConnectContext) {
  const address = via === 'proxy' && platform === 'win32' ? shellSafe(url) : url
  return entryOf(client, address, via, platform)
}

const planned = (options: ConnectOptions, context: ConnectContext, undo: boolean): Promise<Change> => {
  const place = { client: options.client, path: pathOf(options, context), name: options.name }
  return undo ? disconnecting(place) : connecting(place, entryFor(options, context))
}

/** Prints what belongs into the client's file, and touches nothing. */
export function showSnippet(options: ConnectOptions, context: ConnectContext): void {
  context.print(snippetOf(options.client, options.name, entryFor(options, context)))
}

/** Prints what would change, as a unified difference, and touches nothing. */
export async function showDifference(
  options: ConnectOptions,
  context: ConnectContext,
  undo: boolean,
): Promise<void> {
  const { did, file, after } = await planned(options, context, undo)
  if (options.json) return context.print(JSON.stringify({ ...facts(options, did, file.path), dryRun: true }))
  const lines = difference(file.path, file.text, after)
  for (const line of lines) context.print(line)
  if (lines.length === 0) context.say(`${file.path} would stay as it is.`)
}

/** Changes the client's file and says what was done, and what a person does next. */
export async function change(options: ConnectOptions, context: ConnectContext, undo: boolean): Promise<void> {
  const plan = await planned(options, context, undo)
  await carryOut(plan)
  const { did, file, backup } = plan
  if (options.json) {
    const copy = backup.after === undefined ? {} : { backup: backup.state.path }
    return context.print(JSON.stringify({ ...facts(options, did, file.path), ...copy }))
  }
  context.print(sentence(options, plan))
  if (!undo) for (const line of whatNext(options)) context.say(line)
}

const facts = ({ client, name, url, via }: ConnectOptions, did: Change['did'], file: string) => ({
  client: client.id,
  name,
  did,
  file,
  ...(did === 'added' || did === 'changed' ? { url, via } : {}),
})

function sentence({ client, name }: ConnectOptions, { did, file, after, backup }: Change): string {
  const copy = backup.after === undefined ? '' : ` The file as it was: ${backup.state.path}`
  const words: Record<Change['did'], string> = {
    added: `${client.name}: "${name}" added to ${file.path}.${copy}`,
    changed: `${client.name}: "${name}" changed in ${file.path}.${copy}`,
    nothing: `${client.name}: nothing to do; ${file.path} stays as it is.`,
    restored: `${client.name}: ${file.path} is what it was before "${name}".`,
    removed: `${client.name}: "${name}" taken out of ${file.path}${after === undefined ? ', which is gone with it' : ''}.`,
  }
  return words[did]
}

/** The rest of the way, without the marks that a page would show as code. */
function whatNext({ client, name, url, via, scope }: ConnectOptions): string[] {
  const start = client.via === 'proxy' ? client.next(name) : 'Start a new session.'
  const next =
    via === 'http'
      ? client.next(name)
      : `${start} The first call opens the sign-in page. The bridge needs Node.js.`
  const own = via === 'http' ? client.ownCommand?.({ name, url }, scope) : undefined
  return [next.replaceAll('`', ''), ...(own ? [`Its own command does the same: ${commandLine(own)}`] : [])]
}

/** A client that was found on this computer. */
interface Found {
  client: string
  file: string
  /** Where the entry of this name leads; null where there is none. */
  url: string | null
  /** Why its file cannot be read. */
  problem?: string
}

async function found(client: Client, name: string, folders: Folders): Promise<Found> {
  const file = userFile(client, folders)
  const about = { client: client.id, file }
  try {
    const { text = '' } = await readState(file)
    return { ...about, url: addressIn(documentOf(client, text, file).entry(name)) ?? null }
  } catch (error) {
    return { ...about, url: null, problem: error instanceof Error ? error.message : String(error) }
  }
}

/** Every client that is on this computer, and where its server of a name is. */
export const clientsHere = (name: string, folders: Folders): Promise<Found[]> =>
  Promise.all(
    CLIENTS.filter((client) => isHere(client, folders)).map((client) => found(client, name, folders)),
  )
