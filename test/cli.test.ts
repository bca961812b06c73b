import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { buildProgram } from '../src/cli.js'
import { everyCommand, pathOf } from './helpers/commands.js'

const context = { signal: new AbortController().signal }
const program = await buildProgram(context)

/** What a command line of wrong usage is answered with. */
const refusal = async (...args: string[]): Promise<unknown> =>
  (await buildProgram(context, args[0])).parseAsync(args, { from: 'user' }).then(
    () => undefined,
    (error) => error,
  )

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({
    writeOut: (part) => {
      text += part
    },
  })
  command.outputHelp()
  return text
}

describe('every command', () => {
  test.each(everyCommand(program).map((command) => [pathOf(command), command] as const))(
    '%s ends its help with an example of itself',
    (path, command) => {
      expect(command.description()).not.toBe('')
      const [, example = ''] = helpOf(command).split('\nExample:\n')
      expect(example).toContain(path)
      expect(example.trim().split('\n')).toHaveLength(1)
    },
  )

  test('is built alone when it is the one that is called', async () => {
    const serve = await buildProgram(context, 'serve')
    expect(serve.commands.map((command) => command.name())).toEqual(['serve'])
  })
})

describe('wrong usage', () => {
  test.each([
    [['serv'], "Unknown command 'serv'.", 'use serve, or see "zuko-mcp --help"'],
    [['serve', '--prot', '1'], "Unknown option '--prot'.", 'use --port, or see "zuko-mcp serve --help"'],
    [['admin', 'users', 'ad'], "Unknown command 'ad'.", 'use add, or see "zuko-mcp admin users --help"'],
    [
      ['admin', 'users', 'add'],
      "Missing required argument 'email'.",
      'see "zuko-mcp admin users add --help"',
    ],
    [['admin', 'users', 'list', 'x'], 'Too many arguments', 'see "zuko-mcp admin users list --help"'],
    [['serve', '--port', 'x'], 'It must be a number from 0 to 65535.', 'see "zuko-mcp serve --help"'],
    [['serve', '--port', '65536'], 'It must be a number from 0 to 65535.', 'see "zuko-mcp serve --help"'],
    [
      ['serve', '--workers', '0'],
      'It must be a number from 1 to 256, or "auto".',
      'see "zuko-mcp serve --help"',
    ],
    [['serve', '--role', 'both'], 'Allowed choices are all, mcp, auth.', 'see "zuko-mcp serve --help"'],
  ])('%j is answered with what would be right', async (args, message, fix) => {
    expect(await refusal(...args)).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(message),
      fix,
    })
  })
})
