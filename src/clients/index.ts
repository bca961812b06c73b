import { claudeCode } from './claude-code.js'
import { claudeDesktop } from './claude-desktop.js'
import type { Client } from './client.js'
import { codex } from './codex.js'
import { cursor } from './cursor.js'
import { geminiCli } from './gemini-cli.js'
import { opencode } from './opencode.js'
import { vsCode } from './vs-code.js'
import { windsurf } from './windsurf.js'
import { zed } from './zed.js'

export type { Client, Command, Entry, Folders, Scope, Server, Via } from './client.js'

/** Every client that can be told what to write, in the order in which people see them. */
export const CLIENTS: readonly Client[] = [
  claudeCode,
  claudeDesktop,
  cursor,
  vsCode,
  codex,
  geminiCli,
  opencode,
  windsurf,
  zed,
]

/** What a server is called in a client unless somebody says otherwise. */
export const SERVER_NAME = 'zuko'
