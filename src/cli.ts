import { availableParallelism } from 'node:os'
import { Argument, Command, type CommanderError, InvalidArgumentError, Option } from 'commander'
import { isHelp } from './ending.js'
import { ZukoError } from './errors.js'
import { packageVersion } from './version.js'

/** More than this is a mistake on any machine. */
const MOST_WORKERS = 256

/** What every command gets from the process: the wish that it ends. */
export interface CliContext {
  signal: AbortSignal
}

/** The commands and the way to build each; a room is read only when its command is called. */
const COMMANDS = {
  serve: async (context: CliContext) => serveCommand(context),
  proxy: async ({ signal }: CliContext) =>
    (await import('./proxy/command.js')).proxyCommand({ signal, version: await packageVersion() }),
  connect: async () => connect(),
  admin: async ({ signal }: CliContext) => (await import('./admin/index.js')).adminCommand({ signal }),
  completion: async (context: CliContext) => completionCommand(context),
}

/**
 * The whole program, or only the command that `called` names.
 * Its commands throw: a ZukoError USAGE for wrong usage, a CommanderError after `--help` and `--version`.
 */
export async function buildProgram(context: CliContext, called?: string): Promise<Command> {
  const program = new Command('zuko-mcp')
    .description('The Zuko CRM for AI clients.')
    .version(await packageVersion())
    .addHelpText('after', '\nExample:\n  zuko-mcp serve --demo')
  const named = Object.entries(COMMANDS).filter(([name]) => name === called)
  for (const [, build] of named.length > 0 ? named : Object.entries(COMMANDS)) {
    program.addCommand(await build(context))
  }
  return throwing(program)
}

async function connect(): Promise<Command> {
  const [{ connectCommand }, { clientFolders, proxyEnvironment }] = await Promise.all([
    import('./connect/command.js'),
    import('./environment.js'),
  ])
  return connectCommand({
    folders: clientFolders(),
    working: process.cwd(),
    defaultUrl: proxyEnvironment().url,
    isTTY: process.stdout.isTTY === true,
    print: (line) => process.stdout.write(`${line}\n`),
    say: (line) => process.stderr.write(`${line}\n`),
  })
}

function serveCommand({ signal }: CliContext): Command {
  return new Command('serve')
    .description('run the remote MCP endpoint, with sign-in')
    .addOption(
      new Option(
        '--role <role>',
        'what to run (default: "all", or "mcp" once BETTER_AUTH_URL or OAUTH_ISSUER is set)',
      ).choices(['all', 'mcp', 'auth']),
    )
    .option('--port <number>', 'port to listen on (default: the port of the base URL)', port)
    .option(
      '--host <address>',
      'address to listen on (default: 127.0.0.1 for a loopback base URL, else 0.0.0.0)',
    )
    .option(
      '--workers <number>',
      'processes that serve on the port, or "auto" for one per core (default: 1)',
      workers,
    )
    .option('--demo', 'serve a demo CRM from a store of its own')
    .addHelpText('after', '\nExample:\n  BACKEND_URL=https://crm.example.com zuko-mcp serve --port 3001')
    .action((flags: ServeFlags) => serve(flags, signal))
}

function completionCommand(context: CliContext): Command {
  return new Command('completion')
    .description('print what a shell needs to complete the words of zuko-mcp')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish'] satisfies Shell[]))
    .addHelpText('after', '\nExample:\n  source <(zuko-mcp completion bash)')
    .action(async (shell: Shell) => {
      const { completionScript } = await import('./completion/index.js')
      process.stdout.write(completionScript(shell, await buildProgram(context)))
    })
}

type Shell = Parameters<typeof import('./completion/index.js').completionScript>[0]

type ServeOptions = Parameters<typeof import('./serve/index.js').runServe>[0]
type ServeFlags = Pick<ServeOptions, 'role' | 'port' | 'host' | 'workers' | 'demo'>

async function serve(flags: ServeFlags, signal: AbortSignal): Promise<void> {
  const [{ readConfig }, { createLog }] = await Promise.all([import('./config.js'), import('./log.js')])
  const config = readConfig()
  const { runServe } = await import('./serve/index.js')
  await runServe({
    ...flags,
    config,
    log: createLog(config.logLevel),
    version: await packageVersion(),
    signal,
    print: (line) => process.stdout.write(`${line}\n`),
  })
}

function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return Number(text)
  throw new InvalidArgumentError('It must be a number from 0 to 65535.')
}

function workers(text: string): number {
  if (text === 'auto') return availableParallelism()
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= MOST_WORKERS) return Number(text)
  throw new InvalidArgumentError(`It must be a number from 1 to ${MOST_WORKERS}, or "auto".`)
}

/** Makes a command and those below it throw where commander would write to stderr and end the process. */
export function throwing(command: Command): Command {
  command.exitOverride((error) => {
    throw isHelp(error) ? error : usageError(error, command)
  })
  command.configureOutput({ writeErr: (text) => process.stdout.write(text), outputError: () => {} })
  command.commands.forEach(throwing)
  return command
}

/** commander's words for wrong usage in ours: what is wrong, and where the right way is written. */
function usageError(error: CommanderError, command: Command): ZukoError {
  const [first = '', second = ''] = error.message.replace(/^error: /, '').split('\n')
  const message = `${first.charAt(0).toUpperCase()}${first.slice(1).replace(/\.$/, '')}.`
  const guess = /^\(Did you mean (.+)\?\)$/.exec(second)?.[1]
  const path: string[] = []
  for (let at: Command | null = command; at; at = at.parent) path.unshift(at.name())
  return new ZukoError('USAGE', message, {
    fix: `${guess ? `use ${guess}, or ` : ''}see "${path.join(' ')} --help"`,
  })
}
