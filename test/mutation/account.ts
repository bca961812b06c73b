/** What became of the mutants, held against the survivors that are known. */
import { readFileSync } from 'node:fs'
import { GROUPS, QUERIES } from './groups.js'
import type { Mutant } from './mutant.js'
import { mutateQueries } from './sql.js'
import { mutateWithStryker } from './stryker.js'

/** A survivor that is meant to be: `survivors.json` holds them. */
export interface Explained {
  file: string
  /** The line as the mutant makes it. */
  became: string
  /** Why no test has to notice. */
  why: string
}

export interface Account {
  files: { file: string; killed: number; survived: number; score: number }[]
  /** Survivors that nobody explained. */
  unexplained: Mutant[]
  /** Explanations of what does not survive. */
  idle: Explained[]
}

const SURVIVORS = new URL('survivors.json', import.meta.url)

const nameOf = ({ file, became }: Pick<Mutant, 'file' | 'became'>): string => `${file}: ${became}`

export function account(mutants: readonly Mutant[], explained: readonly Explained[]): Account {
  const files = [...new Set(mutants.map(({ file }) => file))].map((file) => {
    const all = mutants.filter((mutant) => mutant.file === file)
    const killed = all.filter((mutant) => mutant.killed).length
    return { file, killed, survived: all.length - killed, score: Math.round((killed / all.length) * 100) }
  })
  const survivors = mutants.filter(({ killed }) => !killed)
  const [known, alive] = [new Set(explained.map(nameOf)), new Set(survivors.map(nameOf))]
  return {
    files,
    unexplained: survivors.filter((mutant) => !known.has(nameOf(mutant))),
    idle: explained.filter((one) => !alive.has(nameOf(one))),
  }
}

/** Mutates all groups, or those that are named, and says what became of it. */
export function mutate(names: readonly string[] = []): Account {
  const chosen = ({ name }: { name: string }) => names.length === 0 || names.includes(name)
  const [groups, queries] = [GROUPS.filter(chosen), QUERIES.filter(chosen)]
  const mutants = [...groups.flatMap(mutateWithStryker), ...queries.flatMap(mutateQueries)]
  const explained: Explained[] = JSON.parse(readFileSync(SURVIVORS, 'utf8'))
  const files = new Set([...groups, ...queries].flatMap((group) => group.files))
  return account(
    mutants,
    explained.filter(({ file }) => files.has(file)),
  )
}
