import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, Script } from 'node:vm'
import { expect, test } from 'vitest'
import { ROOT } from '../helpers/sources.js'

/** A regular expression as it stands in a line of source. */
const LITERAL =
  /(?<![\w)\]"'`}])\s*\/((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)(?=[.,;)\]\s]|$)/g
const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
  /\.tsx?$/.test(path),
)

function regexesOf(path: string): { where: string; regex: RegExp }[] {
  const lines = readFileSync(join(ROOT, 'src', path), 'utf8').split('\n')
  return lines.flatMap((line, index) => {
    if (/^\s*(\*|\/\/|\/\*)/.test(line)) return []
    return [...line.matchAll(LITERAL)].flatMap(([, source = '', flags = '']) => {
      try {
        return [{ where: `${path}:${index + 1} /${source}/${flags}`, regex: new RegExp(source, flags) }]
      } catch {
        return []
      }
    })
  })
}

/** Long enough that quadratic time takes minutes, where linear time takes a millisecond. */
const SIZE = 200_000
const LIMIT_MS = 4000
const many = (piece: string) => piece.repeat(Math.ceil(SIZE / piece.length))

/** These read at most 128 characters, and words of our own. */
const BOUNDED = ['auth/password.ts', 'admin/seed/made-up-words.ts']

/** Runs of what the expression itself names and of what most expressions take, with an end that does not fit. */
function probes({ source }: RegExp): string[] {
  const bare = source.replace(/\\[pP]\{[^}]*\}|\\[a-zA-Z]/g, '')
  const named = [...new Set(bare)].filter((sign) => !'[](){}^$+?|\\'.includes(sign)).slice(0, 8)
  const pieces = [...new Set([...named, ...'a0 -.', 'aA0 ', 'a,', 'a=b&', '\r\n'])]
  return pieces.flatMap((piece) => [`${many(piece)}\0`, `x${many(piece)}!`])
}

const found = files.filter((path) => !BOUNDED.includes(path)).flatMap(regexesOf)
const script = new Script('regex.lastIndex = 0; regex.test(text)')

test('the expressions are found', () => {
  expect(found.length).toBeGreaterThan(60)
  expect(found.map(({ where }) => where).join('\n')).toContain('tools/instant.ts')
})

test('each reads hostile texts in linear time', () => {
  const given: { regex: RegExp; text: string } = { regex: /a/, text: '' }
  const context = createContext(given)
  const endless = found.filter(({ regex }) => {
    given.regex = regex
    return probes(regex).some((text) => {
      given.text = text
      try {
        script.runInContext(context, { timeout: LIMIT_MS })
        return false
      } catch {
        return true
      }
    })
  })
  expect(endless.map(({ where }) => where)).toEqual([])
}, 120_000)
