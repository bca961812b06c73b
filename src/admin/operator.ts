import { randomUUID } from 'node:crypto'
import type { Caller, Store } from '../store/types.js'
import type { ToolContext } from '../tools/index.js'

/** Under which the audit tells what was done at the terminal; the same client that `admin token` signs for. */
export const TERMINAL_CLIENT = 'zuko-mcp-admin'

/** Who the audit names for a change that nobody in particular made at the terminal. */
export const OPERATOR = 'operator'

const callerAt = (userId: number): Caller => ({
  userId,
  clientId: TERMINAL_CLIENT,
  requestId: `terminal-${randomUUID()}`,
})

/** What a tool needs to run at the terminal in the name of a person. */
export const personContext = (store: Store, userId: number, now: () => Date): ToolContext => ({
  store,
  caller: callerAt(userId),
  now,
})

/** What a tool needs to run at the terminal for whoever holds the store: no membership is asked for. */
export function operatorContext(store: Store, now: () => Date): ToolContext {
  const tasks = { ...store.tasks, ...store.operator.tasks }
  const members = { ...store.members, ...store.operator.members }
  return { store: { ...store, tasks, members }, caller: callerAt(0), now }
}
