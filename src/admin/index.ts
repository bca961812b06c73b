import { Command } from 'commander'
import { auditCommand } from './audit.js'
import { backupCommand } from './backup.js'
import { callCommand } from './call.js'
import { clientsCommand } from './clients.js'
import { copyCommand } from './copy.js'
import { type Act, actOnTerminal } from './deps.js'
import { exportCommand } from './export.js'
import { grantsCommand } from './grants.js'
import { keysCommand } from './keys.js'
import { membersCommand } from './members.js'
import { organizationsCommand } from './organizations.js'
import { restoreCommand } from './restore.js'
import { withScreens } from './screens.js'
import { seedCommand } from './seed.js'
import { tokenCommand } from './token.js'
import { usersCommand } from './users.js'

/** `zuko-mcp admin`: one command for each noun that the store keeps. */
export const adminCommand = (
  { signal }: { signal: AbortSignal },
  act: Act = actOnTerminal(signal),
): Command =>
  withScreens(new Command('admin'), act)
    .description('seed and look after the store; alone on a terminal: the screens')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin seed --demo')
    .addCommand(seedCommand(act))
    .addCommand(exportCommand(act))
    .addCommand(usersCommand(act))
    .addCommand(organizationsCommand(act))
    .addCommand(membersCommand(act))
    .addCommand(callCommand(act))
    .addCommand(tokenCommand(act))
    .addCommand(clientsCommand(act))
    .addCommand(grantsCommand(act))
    .addCommand(keysCommand(act))
    .addCommand(auditCommand(act))
    .addCommand(backupCommand(act))
    .addCommand(restoreCommand(act))
    .addCommand(copyCommand(act))
