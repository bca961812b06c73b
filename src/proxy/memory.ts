import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { isObject, type Json, parseJson } from './message.js'
import { readPrivateFile, removePrivateFile, writePrivateFile } from './private-file.js'

/** What a server said last time, as it said it: the results of the three requests that hosts open with. */
export interface Remembered {
  initialize?: Json
  discover?: Json
  tools?: unknown[]
}

export interface ServerMemory {
  /** What is known; read from its file once. */
  recall(): Promise<Remembered>
  /** Keeps what the server says now. A file that cannot be written costs nothing but the next start's head start. */
  keep(news: Remembered): void
  /** Takes one page of `tools/list`; the list is kept once its last page has come. */
  keepPage(cursor: unknown, result: Json): void
  /** Forgets all of it: what a server shows may be for the person who signed out. */
  forget(): Promise<void>
  /** Resolves when everything kept is on disk. */
  settled(): Promise<void>
}

/** One private file for each server and profile: a list that a server showed one person is shown to no other. */
export function serverMemory(directory: string, url: URL, profile: string): ServerMemory {
  const name = createHash('sha256').update(`${url.href}\n${profile}`).digest('hex').slice(0, 32)
  const path = join(directory, `${name}.json`)
  let known: Promise<Remembered> | undefined
  let pages: unknown[] | undefined
  let writing = Promise.resolve()

  const recall = () => {
    known ??= readPrivateFile(path).then(fromText, () => ({}))
    return known
  }
  const keep = (news: Remembered) => {
    writing = writing.then(async () => {
      const before = await recall()
      const after = { ...before, ...news }
      if (JSON.stringify(before) === JSON.stringify(after)) return
      known = Promise.resolve(after)
      await writePrivateFile(path, JSON.stringify(after)).catch(() => {})
    })
  }
  return {
    recall,
    keep,
    keepPage(cursor, { tools, nextCursor }) {
      if (!Array.isArray(tools) || (cursor !== undefined && !pages)) return
      pages = cursor === undefined ? tools : [...(pages ?? []), ...tools]
      if (nextCursor !== undefined) return
      keep({ tools: pages })
      pages = undefined
    },
    forget() {
      writing = writing.then(() => {
        known = Promise.resolve({})
        return removePrivateFile(path)
      })
      return writing
    },
    settled: () => writing,
  }
}

function fromText(text: string | undefined): Remembered {
  const value = text === undefined ? undefined : parseJson(text)
  if (!isObject(value)) return {}
  const { initialize, discover, tools } = value
  return {
    ...(isObject(initialize) && { initialize }),
    ...(isObject(discover) && { discover }),
    ...(Array.isArray(tools) && { tools }),
  }
}
