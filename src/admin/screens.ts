import type { Command } from 'commander'
import type { Act } from './deps.js'
import { wholeTerminal } from './io.js'

/** commander's own words for what it does not know; its typings leave them out. */
type Refusing = Command & { unknownCommand(): never; unknownOption(flag: string): never }

/** Gives `admin` alone a meaning: the screens on a terminal, its help anywhere else. */
export const withScreens = (admin: Command, act: Act): Command =>
  admin
    .allowUnknownOption()
    .allowExcessArguments()
    .helpCommand(true)
    .action((_flags, command: Command) => screens(act, command as Refusing))

async function screens(act: Act, command: Refusing): Promise<void> {
  const [word] = command.args
  command.allowUnknownOption(false)
  if (word?.startsWith('-')) command.unknownOption(word)
  if (word !== undefined) command.unknownCommand()
  const terminal = wholeTerminal()
  if (!terminal) return command.help()
  await act(async (deps) => (await import('./ui/index.js')).openScreens(deps, terminal))
}
