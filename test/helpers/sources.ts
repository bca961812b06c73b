import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SRC = join(ROOT, 'src')

export interface Import {
  /** A file of `src` as `tools/index.ts`, or a package as it is named in the import. */
  target: string
  /** False for `import type` and `typeof import()`, which leave nothing behind when built. */
  runtime: boolean
  /** True for `import()`. */
  dynamic: boolean
}

export interface Source {
  /** Relative to `src`. */
  path: string
  text: string
  lines: string[]
  imports: Import[]
}

const STATIC = /^(?:import|export)\s+(type\s+)?(?:[\w\s{},*$]*?\sfrom\s+)?'([^']+)'/gm
const DYNAMIC = /(typeof\s+)?\bimport\('([^']+)'\)/g

function resolve(from: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier
  const path = relative(SRC, join(SRC, dirname(from), specifier)).replaceAll('\\', '/')
  return readable(path.replace(/\.js$/, '.tsx'))
    ? path.replace(/\.js$/, '.tsx')
    : path.replace(/\.js$/, '.ts')
}

const readable = (path: string): boolean => {
  try {
    readFileSync(join(SRC, path))
    return true
  } catch {
    return false
  }
}

export function importsOf(path: string, text: string): Import[] {
  const fixed = [...text.matchAll(STATIC)].map(([, type, name = '']) => ({
    target: resolve(path, name),
    runtime: type === undefined,
    dynamic: false,
  }))
  const later = [...text.matchAll(DYNAMIC)].map(([, type, name = '']) => ({
    target: resolve(path, name),
    runtime: type === undefined,
    dynamic: true,
  }))
  return [...fixed, ...later]
}

/** Every source file, with what it imports. */
export function readSources(): Source[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.tsx?$/.test(path))
    .sort()
    .map((path) => {
      const text = readFileSync(join(SRC, path), 'utf8')
      return { path, text, lines: text.trimEnd().split('\n'), imports: importsOf(path, text) }
    })
}

/** All that is loaded when `entries` are, by static imports alone: files and packages. */
export function loadedBy(entries: readonly string[], sources: readonly Source[]): Set<string> {
  const loaded = new Set<string>()
  const waiting = [...entries]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (loaded.has(path)) continue
    loaded.add(path)
    const source = sources.find((one) => one.path === path)
    waiting.push(
      ...(source?.imports ?? []).filter((one) => one.runtime && !one.dynamic).map((one) => one.target),
    )
  }
  return loaded
}

export interface Block {
  /** 1 for the first line of the file. */
  line: number
  length: number
}

const OPENS = /(?:=>|\)(?:: [^=]+)?) \{$/
const NO_FUNCTION = /^\s*(?:\} )?(?:if|else|for|while|switch|catch|do|try)\b/

/**
 * The functions of a file, from the line that opens the body to the one that closes it. Relies on the formatter:
 * a body ends at the first line that starts with a brace at the indentation of the line that opened it.
 */
export function functionsOf(lines: readonly string[]): Block[] {
  return lines.flatMap((text, index) => {
    if (!OPENS.test(text) || NO_FUNCTION.test(text)) return []
    const indent = /^\s*/.exec(text)?.[0] ?? ''
    const end = lines.findIndex((later, at) => at > index && later.startsWith(`${indent}}`))
    return [{ line: index + 1, length: end - index + 1 }]
  })
}
