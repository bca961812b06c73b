/** The commands as the shells need them: one entry for each place on a command line. */

/** What of a commander command is read here. */
export interface CommandShape {
  name(): string
  summary(): string
  description(): string
  aliases(): string[]
  readonly commands: readonly CommandShape[]
  readonly options: readonly OptionShape[]
  readonly registeredArguments: readonly ArgumentShape[]
}

interface OptionShape {
  short?: string | undefined
  long?: string | undefined
  description: string
  /** True where a value has to, or may, follow. */
  required: boolean
  optional: boolean
  flags: string
  argChoices?: readonly string[] | undefined
  hidden: boolean
}

interface ArgumentShape {
  name(): string
  argChoices?: readonly string[] | undefined
}

export interface Flag {
  /** With its dashes: "--json". */
  name: string
  does: string
  /** What follows: nothing, one of these words, a file, or anything. */
  value: 'none' | 'file' | 'any' | readonly string[]
}

export interface Place {
  /** The words that lead here: "zuko-mcp admin users". */
  path: string
  /** Other ways to write the last of them. */
  aliases: readonly string[]
  does: string
  below: readonly { name: string; does: string }[]
  flags: readonly Flag[]
  /** Words that an argument may be. */
  words: readonly string[]
  /** True where an argument is a file. */
  file: boolean
}

const HELP: Flag = { name: '--help', does: 'display help for command', value: 'none' }

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''
const doesOf = (command: CommandShape): string => firstLine(command.summary() || command.description())

function flagOf({ long, short, description, required, optional, flags, argChoices }: OptionShape): Flag {
  const takesFile = /[<[]file[>\]]/.test(flags)
  const value = !required && !optional ? 'none' : (argChoices ?? (takesFile ? 'file' : 'any'))
  return { name: long ?? short ?? '', does: firstLine(description), value }
}

/** A command and all below it, each at its place. */
export function placesOf(command: CommandShape, above = ''): Place[] {
  const path = `${above} ${command.name()}`.trim()
  const place: Place = {
    path,
    aliases: command.aliases(),
    does: doesOf(command),
    below: command.commands.map((one) => ({ name: one.name(), does: doesOf(one) })),
    flags: [...command.options.filter(({ hidden }) => !hidden).map(flagOf), HELP],
    words: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    file: command.registeredArguments.some((argument) => argument.name() === 'file'),
  }
  return [place, ...command.commands.flatMap((one) => placesOf(one, path))]
}

/** Every way to write a step down the commands, and the place it leads to. */
export const stepsOf = (places: readonly Place[]): { written: string[]; path: string }[] =>
  places.slice(1).map(({ path, aliases }) => {
    const above = path.slice(0, path.lastIndexOf(' '))
    return { written: [path, ...aliases.map((alias) => `${above} ${alias}`)], path }
  })
