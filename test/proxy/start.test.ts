import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { throwing } from '../../src/cli.js'
import { proxyCommand } from '../../src/proxy/command.js'
import { type Asked, bridgeAsked } from '../../src/proxy/start.js'

const URL = 'https://crm.example.com/api/mcp'

const command = () => throwing(proxyCommand({ signal: new AbortController().signal, version: '0' }))

/** What commander makes of the words after `proxy`; undefined where they are no wish for the bridge. */
async function commander(words: readonly string[]): Promise<Asked | undefined> {
  let asked: Asked | undefined
  const proxy = command().configureOutput({ writeOut: () => {}, writeErr: () => {} })
  for (const below of proxy.commands) below.configureOutput({ writeOut: () => {} }).action(() => {})
  proxy.action((address, flags) => {
    asked = { address, flags }
  })
  await proxy.parseAsync(words, { from: 'user' }).catch(() => {})
  return asked
}

const { options } = command()
const flags = options.map(({ long }) => long ?? '')
const defaults = (await commander([]))?.flags

describe('the words after proxy, read without commander', () => {
  test('are what commander makes of them, or left to it', async () => {
    const word = fc.oneof(
      fc.constantFrom(...flags),
      fc.constantFrom(...flags.map((flag) => `${flag}=a b`)),
      fc.constantFrom(
        URL,
        'login',
        'help',
        'x',
        '',
        '-',
        '--',
        '-h',
        '--profil',
        '--help',
        '--no-device',
        '7',
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (words) => {
        const asked = bridgeAsked(words)
        if (asked) {
          const { address } = asked
          expect({ address, flags: { ...defaults, ...asked.flags } }).toEqual(await commander(words))
        }
      }),
      { numRuns: 2000 },
    )
  })

  test.each(options.map((option) => [option.long ?? '', option] as const))('know %s', (flag, option) => {
    const words = option.required ? [URL, flag, '1'] : [flag, URL]
    expect(bridgeAsked(words)?.address).toBe(flag === '--store' ? undefined : URL)
  })

  test('may be none', () => {
    expect(bridgeAsked([])).toEqual({ address: undefined, flags: { header: [] } })
  })

  test.each([['login'], ['help'], ['--help'], ['--profil', 'x'], ['--profile'], [URL, URL], [URL, 'x']])(
    'are left to commander: %s %s',
    (...words) => {
      expect(bridgeAsked(words)).toBeUndefined()
    },
  )
})
