import type { Command } from 'commander'

/** A command and all below it, `help` aside. */
export const everyCommand = (command: Command): Command[] => [
  command,
  ...command.commands.flatMap(everyCommand),
]

/** The commands that do something themselves. */
export const everyLeaf = (command: Command): Command[] =>
  everyCommand(command).filter(({ commands }) => commands.length === 0)

/** How a command is called: "zuko-mcp admin users add". */
export const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name()
