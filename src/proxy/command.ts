import { Command, Option } from 'commander'
import type { ProxyContext } from './actions.js'
import { AUTH_TIMEOUT, CALL_TIMEOUT, type Flags } from './options.js'

const ENVIRONMENT = `
Environment:
  ZUKO_MCP_URL             the address where none is given
  ZUKO_TOKEN               a ready access token; takes the login's place
  HTTPS_PROXY, HTTP_PROXY  an HTTP proxy on the way; NO_PROXY names what is reached without it
  NODE_EXTRA_CA_CERTS      a file of further certificate authorities
`

type Action = keyof typeof import('./actions.js')['ACTIONS']

/** `proxy [url]` and the commands that look after its login. */
export function proxyCommand(context: ProxyContext): Command {
  const run = (action: Action) => async (url: string | undefined, _: Flags, command: Command) =>
    (await import('./actions.js')).ACTIONS[action](url, flagsOf(command), context)

  return loginFlags(onServer(new Command('proxy')))
    .description('let a local MCP client use a remote server, and look after the login')
    .option(
      '--call-timeout <seconds>',
      'how long the server may stay silent in a call; 0 is for ever',
      CALL_TIMEOUT,
    )
    .enablePositionalOptions()
    .addHelpText('after', example('https://crm.example.com/api/mcp', ENVIRONMENT))
    .action(run('relay'))
    .addCommand(
      loginFlags(onServer(new Command('login')))
        .description('sign in ahead')
        .addHelpText('after', example('login https://crm.example.com/api/mcp --no-browser'))
        .action(run('login')),
    )
    .addCommand(
      onServer(new Command('logout'))
        .description('sign out, and have the server end the login')
        .addHelpText('after', example('logout https://crm.example.com/api/mcp'))
        .action(run('logout')),
    )
    .addCommand(
      new Command('status')
        .description('show every login: where, who, until when')
        .option('--json', 'print JSON')
        .addHelpText('after', example('status --json'))
        .action((_: Flags, command: Command) => run('status')(undefined, {}, command)),
    )
    .addCommand(
      clientFlags(onServer(new Command('doctor')))
        .description('walk from here to the tools and name the first broken link')
        .option('--json', 'print JSON')
        .addHelpText('after', example('doctor https://crm.example.com/api/mcp'))
        .action(run('doctor')),
    )
}

const example = (words: string, before = ''): string => `${before}\nExample:\n  zuko-mcp proxy ${words}`

/** Which server, which of the logins there, and what has to go along to reach it. */
function onServer(command: Command): Command {
  return command
    .argument('[url]', 'the server (default: $ZUKO_MCP_URL, else http://localhost:3001/api/mcp)')
    .option('--profile <name>', 'which of several logins at one server', 'default')
    .option('--client-id <id>', 'a client that is registered already')
    .option('--resource <uri>', 'the resource identifier, where it is not the address')
    .option(
      '--header <name:value>',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it shows what a person writes
      'send a header with every request; ${NAME} in it is read from the environment; may be repeated',
      (value: string, before: string[]) => [...before, value],
      [],
    )
    .option('--header-file <path>', 'a file with one such header a line')
    .option('--allow-unencrypted-http', 'allow http:// to a host that is not this one')
}

/** Who the bridge is to the authorization server. */
function clientFlags(command: Command): Command {
  return command
    .option('--client-secret-file <path>', 'the file that holds the secret of --client-id')
    .option('--client-metadata-url <url>', 'the address of a Client ID Metadata Document')
    .option('--client-credentials', 'sign in as the client itself, without a person')
}

function loginFlags(command: Command): Command {
  return clientFlags(command)
    .option('--no-browser', 'print the sign-in address instead of opening a browser')
    .option('--device', 'sign in with a code, on another device')
    .option('--scope <scopes>', 'what to ask for (default: what the server asks for)')
    .option('--callback-port <port>', 'the local port that the browser comes back to (default: a free one)')
    .option('--auth-timeout <seconds>', 'how long a sign-in may take', AUTH_TIMEOUT)
    .addOption(new Option('--store <kind>', 'where logins are kept').choices(['keyring', 'file']))
}

/** A flag means the same before and after the name of a command below `proxy`. */
function flagsOf(command: Command): Flags {
  const { parent } = command
  const above = Object.entries(parent?.opts<Flags>() ?? {}).filter(
    ([name]) => parent?.getOptionValueSource(name) === 'cli',
  )
  const own = Object.entries(command.opts<Flags>()).filter(
    ([name]) => command.getOptionValueSource(name) === 'cli' || !above.some(([other]) => other === name),
  )
  return Object.fromEntries([...above, ...own])
}
