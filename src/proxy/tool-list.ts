import type { ParamPaths } from './headers.js'
import { isObject, type Json } from './message.js'
import { headerAnnotations } from './tool-headers.js'

/** What the bridge has learned from the lists that passed: which headers each tool's calls need. */
export interface ToolHeaders {
  pathsOf(tool: unknown): ParamPaths | undefined
  /**
   * Learns from the tools of one list. Returns the list without the tools whose annotations are wrong, or
   * undefined where nothing is to be dropped.
   */
  learn(tools: readonly unknown[]): unknown[] | undefined
}

export function toolHeaders(say: (line: string) => void): ToolHeaders {
  const known = new Map<unknown, ParamPaths>()
  const isSound = (tool: unknown): boolean => {
    if (!isObject(tool)) return true
    const annotations = headerAnnotations(tool.inputSchema)
    known.delete(tool.name)
    if ('wrong' in annotations) {
      say(`The tool ${JSON.stringify(tool.name)} is left out of the list: ${annotations.wrong}.`)
      return false
    }
    if (annotations.paths.size > 0) known.set(tool.name, annotations.paths)
    return true
  }
  return {
    pathsOf: (tool) => known.get(tool),
    learn(tools) {
      const sound = tools.filter(isSound)
      return sound.length === tools.length ? undefined : sound
    },
  }
}

/** The tools in the result of a `tools/list`; undefined where it holds none. */
export const toolsOf = (result: Json): unknown[] | undefined =>
  Array.isArray(result.tools) ? result.tools : undefined
