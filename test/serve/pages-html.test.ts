import { describe, expect, it } from 'vitest'
import { html, plain } from '../../src/serve/pages/html.js'

describe('html', () => {
  it('escapes text, quotes included', () => {
    expect(`${html`<p title="${`"'`}">${'<b>&'}</p>`}`).toBe('<p title="&quot;&#39;">&lt;b&gt;&amp;</p>')
  })

  it('passes its own markup and arrays of it through', () => {
    expect(`${html`<ul>${['a', '<'].map((item) => html`<li>${item}</li>`)}</ul>`}`).toBe(
      '<ul><li>a</li><li>&lt;</li></ul>',
    )
  })

  it('escapes an object that only looks like its markup', () => {
    const forged = { toString: () => '<script>' } as unknown as string
    expect(`${html`${forged}`}`).toBe('&lt;script&gt;')
  })

  it('shows nothing for false, null and undefined, and shows zero', () => {
    expect(`${html`${false}${null}${undefined}${0}`}`).toBe('0')
  })

  it('refuses a hole in an attribute without quotes', () => {
    expect(() => html`<p class=${'a'}>`).toThrow('needs quotes')
  })
})

describe('plain', () => {
  it.each([
    ['a right-to-left override', 'a\u202eb', 'a\ufffdb'],
    ['an isolate', 'a\u2067b\u2069', 'a\ufffdb\ufffd'],
    ['an Arabic letter mark', 'a\u061cb', 'a\ufffdb'],
    ['NUL', 'a\u0000b', 'a\ufffdb'],
    ['an escape sequence', 'a\u001b[31mb', 'a\ufffd[31mb'],
    ['a C1 control', 'a\u009bb', 'a\ufffdb'],
    ['a zero-width space', 'Clau\u200bde', 'Clau\ufffdde'],
    ['a word joiner', 'a\u2060b', 'a\ufffdb'],
    ['a Hangul filler', 'a\u3164b', 'a\ufffdb'],
    ['a blank Braille pattern', 'a\u2800b', 'a\ufffdb'],
    ['a tag character', 'a\u{e0041}b', 'a\ufffdb'],
    ['a private-use character', 'a\ue000b', 'a\ufffdb'],
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
    ['line breaks and tabs', ' a\r\n\tb\u2028c ', 'a b c'],
    ['a no-break space', 'a\u00a0\u00a0b', 'a b'],
    ['joiners in a family emoji', '👨\u200d👩', '👨👩'],
    ['a variation selector', '❤\ufe0f', '❤'],
  ])('makes %s inert', (_name, text, expected) => {
    expect(plain(text, 100)).toBe(expected)
  })

  it('keeps letters of every script, accents and emoji', () => {
    for (const text of ['Zoë Ångström', 'محمد', 'नमस्ते', '株式会社', '🚀 Rocket'])
      expect(plain(text, 100)).toBe(text)
  })

  it('keeps at most four marks on a letter', () => {
    expect(plain(`q${'\u0300'.repeat(50)}`, 100)).toBe(`q${'\u0300'.repeat(4)}`)
  })

  it('cuts by code points and says so', () => {
    expect(plain('🚀🚀🚀🚀', 3)).toBe('🚀🚀…')
    expect(plain('abc', 3)).toBe('abc')
  })
})
