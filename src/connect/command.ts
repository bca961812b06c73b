import { Argument, Command, Option } from 'commander'
import { CLIENTS, type Client, SERVER_NAME, type Via } from '../clients/index.js'
import { ZukoError } from '../errors.js'
import type { ConnectContext, ConnectOptions } from './index.js'
import { serverAddress, serverName } from './target.js'

interface Flags {
  url?: string
  via?: Via
  name: string
  project?: boolean
  dryRun?: boolean
  print?: boolean
  undo?: boolean
  json?: boolean
}

/** What the command needs besides: the address where none is given, and whether a person watches. */
export interface ConnectCommandContext extends ConnectContext {
  defaultUrl: string
  isTTY: boolean
}

/** `connect [client]`: what a client has to be told about a server, written where the client reads it. */
export function connectCommand(context: ConnectCommandContext): Command {
  return new Command('connect')
    .description('write a server into the configuration of an MCP client, or show which clients are here')
    .addArgument(new Argument('[client]', 'the client').choices(CLIENTS.map(({ id }) => id)))
    .option('--url <url>', 'the server (default: $ZUKO_MCP_URL, else http://localhost:3001/api/mcp)')
    .addOption(
      new Option(
        '--via <way>',
        'how the client reaches it (default: http where the client speaks it)',
      ).choices(['http', 'proxy'] satisfies Via[]),
    )
    .option('--name <name>', 'what the server is called there', SERVER_NAME)
    .option('--project', 'write the file of the project in this folder')
    .option('--dry-run', 'show the difference and write nothing')
    .addOption(
      new Option('--print', 'print the snippet and write nothing').conflicts(['undo', 'dryRun', 'json']),
    )
    .option('--undo', 'take it back')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  zuko-mcp connect cursor --url https://crm.example.com/api/mcp')
    .action((id: string | undefined, flags: Flags) => run(id, flags, context))
}

async function run(id: string | undefined, flags: Flags, context: ConnectCommandContext): Promise<void> {
  const client = CLIENTS.find((one) => one.id === id)
  if (!client) return list(flags, context)
  const { showSnippet, showDifference, change } = await import('./index.js')
  const options = optionsFrom(client, flags, context.defaultUrl)
  if (flags.print) return showSnippet(options, context)
  await (flags.dryRun ? showDifference : change)(options, context, flags.undo === true)
}

const optionsFrom = (client: Client, flags: Flags, defaultUrl: string): ConnectOptions => ({
  client,
  name: serverName(flags.name),
  url: serverAddress(flags.url ?? defaultUrl),
  via: flags.via ?? client.via,
  scope: flags.project ? 'project' : 'user',
  json: flags.json === true,
})

async function list(flags: Flags, context: ConnectCommandContext): Promise<void> {
  if (flags.undo || flags.print || flags.dryRun || flags.project || flags.via) {
    throw new ZukoError('USAGE', 'No client is named.', {
      fix: `name one of ${CLIENTS.map(({ id }) => id).join(', ')}`,
    })
  }
  const { clientsHere } = await import('./index.js')
  const here = await clientsHere(serverName(flags.name), context.folders)
  if (flags.json) return context.print(JSON.stringify(here, null, 2))
  const width = Math.max(0, ...here.map(({ client }) => client.length))
  for (const { client, file, url, problem } of here) {
    context.print(`${client.padEnd(width)}  ${problem ?? `${url ?? 'not connected'}  ${file}`}`)
  }
  if (here.length === 0) context.say('No client was found on this computer.')
  if (context.isTTY) context.say(`To connect one: zuko-mcp connect ${here[0]?.client ?? 'CLIENT'} --url URL`)
}
