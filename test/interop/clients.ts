import type { Client } from './client.js'
import { claudeCode } from './clients/claude-code.js'
import { codex } from './clients/codex.js'
import { geminiCli } from './clients/gemini-cli.js'
import { inspector } from './clients/inspector.js'
import { mcporter } from './clients/mcporter.js'
import { opencode } from './clients/opencode.js'
import { aiSdk, sdkV1, sdkV2Legacy, sdkV2Modern } from './clients/sdk.js'

/** The clients, in the order of the page. */
export const CLIENTS: readonly Client[] = [
  claudeCode,
  codex,
  geminiCli,
  opencode,
  mcporter,
  inspector,
  aiSdk,
  sdkV1,
  sdkV2Legacy,
  sdkV2Modern,
]
