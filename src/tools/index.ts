import { createTask } from './create-task.js'
import type { Tool } from './define.js'
import { getTask } from './get-task.js'
import { listOrganizations } from './list-organizations.js'
import { listTasks } from './list-tasks.js'
import { updateTask } from './update-task.js'

/** Every tool, in the order that `tools/list` shows. */
export const TOOLS: readonly Tool[] = [listOrganizations, listTasks, getTask, createTask, updateTask]

export const toolByName = (name: string): Tool | undefined => TOOLS.find((tool) => tool.name === name)

/** The tools that these scopes allow, in order. */
export function toolsFor(scopes: Iterable<string>): Tool[] {
  const granted = new Set(scopes)
  return TOOLS.filter((tool) => granted.has(tool.scope))
}

export { type Tool, type ToolContext, type ToolDefinition, toolDefinition } from './define.js'
export { errorText } from './error-text.js'
export { parseInput, runCall, runTool } from './parse.js'
