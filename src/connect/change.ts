import type { Client, Entry } from '../clients/index.js'
import { isZukoError } from '../errors.js'
import { documentOf } from './document.js'
import { type FileState, readState, refuseReadOnly, remove, replace } from './file.js'

/** What is to be done to a client's file, all of it known before any of it is done. */
export interface Change {
  did: 'added' | 'changed' | 'nothing' | 'removed' | 'restored'
  file: FileState
  /** The file's text afterwards; undefined where there will be no file. */
  after: string | undefined
  /** The copy beside the file, and its text afterwards; undefined where there will be no copy. */
  backup: { state: FileState; after: string | undefined }
}

/** Which file, and what in it. */
export interface Place {
  client: Client
  path: string
  name: string
}

const backupOf = ({ path, name }: Place) => readState(`${path}.before-${name}`)

/** Plans to have a client know a server. The copy beside the file is the file before its first entry of ours. */
export async function connecting(place: Place, entry: Entry): Promise<Change> {
  const { client, path, name } = place
  const [file, state] = await Promise.all([readState(path), backupOf(place)])
  const text = file.text ?? ''
  const document = documentOf(client, text, path)
  const known = document.entry(name)
  if (holds(known, entry)) {
    return { did: 'nothing', file, after: file.text, backup: { state, after: state.text } }
  }
  const first = known === undefined || !leadsTo(place, state.text, known, text)
  return {
    did: known === undefined ? 'added' : 'changed',
    file,
    after: document.with(name, entry),
    backup: { state, after: first ? file.text : state.text },
  }
}

/** Plans to take the entry back: to the copy where nothing else has changed since, or else the entry alone. */
export async function disconnecting(place: Place): Promise<Change> {
  const { client, path, name } = place
  const [file, state] = await Promise.all([readState(path), backupOf(place)])
  const text = file.text ?? ''
  const document = documentOf(client, text, path)
  const known = document.entry(name)
  const kept = { state, after: state.text }
  if (known === undefined) return { did: 'nothing', file, after: file.text, backup: kept }
  if (leadsTo(place, state.text, known, text)) {
    return { did: 'restored', file, after: state.text, backup: { state, after: undefined } }
  }
  const made = state.text === undefined && leadsTo(place, '', known, text)
  return { did: 'removed', file, after: made ? undefined : document.without(name), backup: kept }
}

/** True when an entry says all that it should; what else a person added to it stays. */
const holds = (known: unknown, entry: Entry): boolean =>
  typeof known === 'object' &&
  known !== null &&
  Object.entries(entry).every(([key, value]) => isSame((known as Record<string, unknown>)[key], value))

/** True for what this program could have written. */
const isEntry = (known: unknown): known is Entry =>
  typeof known === 'object' &&
  known !== null &&
  Object.values(known).every((value) => Array.isArray(value) || ['string', 'boolean'].includes(typeof value))

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** True when `after` is what `before` becomes by the entry alone. */
function leadsTo(
  { client, path, name }: Place,
  before: string | undefined,
  entry: unknown,
  after: string,
): boolean {
  if (before === undefined || !isEntry(entry)) return false
  try {
    return documentOf(client, before, path).with(name, entry) === after
  } catch (error) {
    if (isZukoError(error)) return false
    throw error
  }
}

/** Does what was planned: the copy first, so that the file is never changed without one. */
export async function carryOut({ file, after, backup }: Change): Promise<void> {
  if (after === file.text) return
  await refuseReadOnly(file)
  if (backup.after !== undefined && backup.after !== backup.state.text)
    await replace(backup.state, backup.after, file.path)
  if (after === undefined) await remove(file)
  else await replace(file, after)
  if (backup.after === undefined && backup.state.text !== undefined) await remove(backup.state)
}
