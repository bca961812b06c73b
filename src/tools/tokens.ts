/**
 * About how many tokens a model's tokenizer makes of a text, without one: more than o200k_base really makes,
 * of words in few as of random letters, symbols, emoji or any other script; test/tools/tokens.test.ts holds it
 * against that. Each character costs by its kind and by the one before it.
 */

/** Letters that often follow a letter inside of words: tokenizers have such pieces as one token. */
const FOLLOWERS: Record<string, string> = {
  a: 'bcdgilmnprstuy',
  b: 'aelouy',
  c: 'aehkloprtu',
  d: 'aeimos',
  e: 'acdefglmnpqrstvxy',
  f: 'aeioru',
  g: 'aeinr',
  h: 'aeiot',
  i: 'acdefglmnoprstvz',
  j: 's',
  k: 'eos',
  l: 'adeilosty',
  m: 'abceimopu',
  n: 'acdefgilost',
  o: 'acdfgklmnoprstuvw',
  p: 'aeilorstu',
  q: 'lu',
  r: 'acdegilmorstuvy',
  s: 'acehikopqstu',
  t: 'aehioprstuy',
  u: 'bdeklnprst',
  v: 'aei',
  w: 'aehinor',
  x: 'pt',
  z: 'au',
}

/** Signs of JSON that stand together in one token, as in `","`, and the backslash before a quote. */
const isStructure = (pair: string): boolean => /^[{}[\]",:]{2}$|^\\"$/.test(pair)

function costOfPair(before: string, character: string): number {
  if (/[a-z]/.test(character)) {
    if (FOLLOWERS[before]?.includes(character)) return 0.25
    return /[a-z]/.test(before) ? 0.75 : 0.85
  }
  if (/[A-Z]/.test(character)) return /[A-Z]/.test(before) ? 0.65 : 0.85
  if (/\d/.test(character)) return /\d/.test(before) ? 0.34 : before === ' ' ? 1.85 : 1
  if (character === ' ') return before === ' ' ? 0.1 : 0.15
  if (character < ' ') return 1
  return before === ' ' ? 1 : isStructure(before + character) ? 0.55 : 0.8
}

const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))
const PAIRS = Float64Array.from(ASCII.flatMap((before) => ASCII.map((one) => costOfPair(before, one))))

/** What a UTF-16 unit of each range costs, up to its end. A rare character is two units of 2, an emoji one of 1 and one of 2. */
const RANGES: readonly [end: number, cost: number][] = [
  [0x180, 1.4],
  [0x370, 1.9],
  [0x460, 1.1],
  [0x5d0, 1.9],
  [0x64b, 1.1],
  [0x900, 1.9],
  [0x980, 1.2],
  [0xe00, 3],
  [0xe80, 1.2],
  [0x3040, 3],
  [0x3100, 1.2],
  [0x4e00, 3],
  [0xa000, 2],
  [0xac00, 3],
  [0xd7a4, 2.4],
  [0xd83c, 2],
  [0xd83f, 1],
  [0xe000, 2],
  [0x10000, 3],
]
const rare = (code: number): number => (RANGES.find(([end]) => code < end) as [number, number])[1]

export function tokensOf(text: string): number {
  let [tokens, before] = [0, 0]
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    tokens += code < 128 ? (PAIRS[before * 128 + code] as number) : rare(code)
    before = code < 128 ? code : 0
  }
  return Math.ceil(tokens)
}
