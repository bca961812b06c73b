import { describe, expect, it } from 'vitest'
import { DARK, LIGHT, type Palette } from '../../src/serve/pages/palette.js'
import { ICON_SVG, ICON_URL, STYLESHEET, STYLESHEET_URL } from '../../src/serve/pages.js'

/** Relative luminance, WCAG 2.2. */
function luminance(colour: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

type Pair = [front: keyof Palette, ground: keyof Palette]

/** Words on the ground they stand on: SC 1.4.3. */
const WORDS: Pair[] = [
  ['text', 'page'],
  ['text', 'surface'],
  ['text', 'sunken'],
  ['text', 'cautionGround'],
  ['muted', 'page'],
  ['muted', 'surface'],
  ['accent', 'page'],
  ['accent', 'surface'],
  ['accent', 'sunken'],
  ['accentStrong', 'page'],
  ['onAccent', 'accent'],
  ['onAccent', 'accentStrong'],
  ['danger', 'dangerGround'],
  ['caution', 'cautionGround'],
]

/** Edges of controls and focus rings beside what surrounds them: SC 1.4.11. */
const EDGES: Pair[] = [
  ['edge', 'page'],
  ['edge', 'surface'],
  ['edge', 'sunken'],
  ['danger', 'surface'],
  ['accent', 'page'],
  ['accent', 'surface'],
]

describe.each([
  ['light', LIGHT],
  ['dark', DARK],
])('the %s theme', (_theme, palette) => {
  it.each(WORDS)('lets %s be read on %s', (front, ground) => {
    expect(contrast(palette[front], palette[ground])).toBeGreaterThanOrEqual(4.5)
  })

  it.each(EDGES)('lets the edge %s be seen on %s', (front, ground) => {
    expect(contrast(palette[front], palette[ground])).toBeGreaterThanOrEqual(3)
  })
})

describe('the stylesheet', () => {
  const rules = STYLESHEET.replace(/:root\{[^}]*\}/g, '')

  it('is under 10 KB and loads nothing', () => {
    expect(Buffer.byteLength(STYLESHEET)).toBeLessThan(10_000)
    expect(STYLESHEET).not.toMatch(/url\(|@import|@font-face/)
  })

  it('uses the colours of the palette only', () => {
    expect(rules).not.toMatch(/#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(/i)
    const defined = new Set([...STYLESHEET.matchAll(/(--[\w-]+):/g)].map(([, name]) => name))
    for (const [, name] of STYLESHEET.matchAll(/var\((--[\w-]+)\)/g)) expect(defined).toContain(name)
  })

  it('has both themes, print and reduced motion', () => {
    for (const query of ['prefers-color-scheme:dark', 'print', 'prefers-reduced-motion:no-preference']) {
      expect(STYLESHEET).toContain(`@media ${query === 'print' ? query : `(${query})`}`)
    }
  })

  it('closes every block', () => {
    expect(STYLESHEET.split('{')).toHaveLength(STYLESHEET.split('}').length)
  })

  it('and the icon are addressed by a hash of what they hold', () => {
    expect(STYLESHEET_URL).toMatch(/^\/assets\/style\.css\?v=[0-9a-f]{12}$/)
    expect(ICON_URL).toMatch(/^\/assets\/icon\.svg\?v=[0-9a-f]{12}$/)
  })
})

it('the icon is plain shapes: no script, style, link or text', () => {
  expect([...ICON_SVG.matchAll(/<(\w+)/g)].map(([, name]) => name)).toEqual(['svg', 'rect', 'path'])
})
