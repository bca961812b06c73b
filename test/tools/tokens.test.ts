import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, test } from 'vitest'
import { tokensOf } from '../../src/tools/tokens.js'
import { ROOT } from '../helpers/sources.js'
import { anyOf, SCRIPTS } from './worst-texts.js'

const LENGTH = 1500
const page = (path: string) => readFileSync(join(ROOT, path), 'utf8')

/** Texts that cost many tokens for their length. */
const TEXTS: [string, string][] = [
  ...Object.entries(SCRIPTS).map(([name, text]): [string, string] => [name, text(LENGTH)]),
  ['random symbols', anyOf('!#$%&()*+-./;<=>?@^_`|~', LENGTH)],
  ['random signs of JSON', anyOf('{}[]",:', LENGTH)],
  ['escaped quotes', '\\"'.repeat(LENGTH)],
  ['symbols with spaces', [...anyOf('!#$%&()*+', LENGTH)].join(' ')],
  ['digits with spaces', [...anyOf('0123456789', LENGTH)].join(' ')],
  ['letters with spaces', [...anyOf('abcdefghijklmnopqrstuvwxyz', LENGTH)].join(' ')],
  ['characters written out', '\\\\u{200B}'.repeat(LENGTH / 5)],
]

describe('the estimate', () => {
  test.each(TEXTS)('is no less than what a tokenizer makes of %s', (_, text) => {
    expect(tokensOf(text)).toBeGreaterThanOrEqual(Math.floor(0.98 * countTokens(text)))
  })

  test.each(['README.md', 'SECURITY.md', 'src/tools/json.ts'])(
    'is less than twice as much for %s',
    (path) => {
      const [text, tokens] = [page(path), countTokens(page(path))]
      expect(tokensOf(text)).toBeGreaterThan(tokens)
      expect(tokensOf(text)).toBeLessThan(2 * tokens)
    },
  )
})
