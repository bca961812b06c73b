import { Command } from 'commander'
import { ZukoError } from '../errors.js'
import { TOOLS, type Tool } from '../tools/index.js'
import type { Act, AdminDeps } from './deps.js'
import { activePerson } from './find.js'
import { personContext } from './operator.js'
import { toolArguments, toolOptions } from './tool-options.js'

/** `admin call`: any tool as a person, straight on the store. */
export const callCommand = (act: Act): Command => {
  const call = new Command('call')
    .description('run a tool in the name of an account, straight on the store')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin call list_tasks --status TODO --as ada@example.com')
  for (const tool of TOOLS) call.addCommand(toolCommand(tool, act))
  return call
}

function toolCommand(tool: Tool, act: Act): Command {
  const [what = ''] = tool.description.split('\n')
  const command = new Command(tool.name)
    .alias(tool.name.replaceAll('_', '-'))
    .summary(tool.title.toLowerCase())
    .description(what)
  for (const option of toolOptions(tool)) command.addOption(option)
  return command
    .requiredOption('--as <email>', 'e-mail address of the account in whose name it runs')
    .option('--json', 'print the whole result as a client gets it')
    .addHelpText(
      'after',
      `\nExample:\n  zuko-mcp admin call ${EXAMPLES[tool.name] ?? tool.name} --as ada@example.com`,
    )
    .action(({ as, json, ...flags }: Record<string, unknown>) =>
      act((deps) =>
        callTool(deps, { tool, as: String(as), args: toolArguments(tool, flags), json: json === true }),
      ),
    )
}

const EXAMPLES: Record<string, string> = {
  list_tasks: 'list_tasks --status IN_PROGRESS --organization-id 1',
  get_task: 'get_task --task-id 42',
  create_task: 'create_task --organization-id 1 --title "Call Acme" --assignee me',
  update_task: 'update_task --task-id 42 --status DONE --completed-at 2026-01-31T17:00:00Z',
}

export interface CallTool {
  tool: Tool
  /** E-mail of the person in whose name the tool runs. */
  as: string
  /** Arguments as a client would send them. */
  args: Record<string, unknown>
  json?: boolean
}

/**
 * Prints what the endpoint would answer that person: its texts, or with `json` the whole result.
 * @throws ZukoError FAILED for an unknown or disabled account, and with the words of an answer that is an error
 */
export async function callTool(deps: AdminDeps, { tool, as, args, json }: CallTool): Promise<void> {
  const store = await deps.store()
  const person = await activePerson(store, as)
  const context = personContext(store, person.id, deps.now)
  const { answerOf } = await import('../mcp.js')
  const { result, cause } = await answerOf(tool, args, context)
  const texts = result.content.flatMap((block) => (block.type === 'text' ? [block.text] : []))
  if (json) deps.io.out(JSON.stringify(result, null, 2))
  else if (!result.isError) for (const text of texts) deps.io.out(text)
  if (result.isError) throw new ZukoError('FAILED', texts.join(' '), { cause })
}
