/** One colour per job, as #rrggbb. The contrast of every pair that meets is checked in both themes. */
export interface Palette {
  page: string
  surface: string
  /** Ground of code, fields of facts and pressed things. */
  sunken: string
  text: string
  muted: string
  /** Hairlines between things; decoration only. */
  line: string
  /** Edges of fields and secondary buttons, which must be seen to be used. */
  edge: string
  accent: string
  accentStrong: string
  onAccent: string
  danger: string
  dangerGround: string
  caution: string
  cautionGround: string
}

export const LIGHT: Palette = {
  page: '#f3f5f4',
  surface: '#ffffff',
  sunken: '#eef2f0',
  text: '#14201c',
  muted: '#4d5c56',
  line: '#d8dfdb',
  edge: '#75847d',
  accent: '#0a5c49',
  accentStrong: '#074536',
  onAccent: '#ffffff',
  danger: '#9c2118',
  dangerGround: '#fcefed',
  caution: '#6b4a00',
  cautionGround: '#fbf3df',
}

export const DARK: Palette = {
  page: '#0e1412',
  surface: '#161e1b',
  sunken: '#1e2824',
  text: '#e5ebe8',
  muted: '#a4b1ab',
  line: '#2c3833',
  edge: '#74857d',
  accent: '#74cfb4',
  accentStrong: '#97e0ca',
  onAccent: '#06231b',
  danger: '#ffada3',
  dangerGround: '#331a17',
  caution: '#f0cf86',
  cautionGround: '#2c2412',
}

/** The custom properties of one theme: `--accent-strong:#074536;…`. */
export const properties = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, colour]) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}:${colour}`)
    .join(';')
