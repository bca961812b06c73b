/** docs/clients.md, and docs/clients.json beside it, which remembers what was tried before. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../helpers/sources.js'
import type { Client, Transport } from './client.js'
import { CLIENTS } from './clients.js'
import { STEPS, type Trial } from './trial.js'

export interface Tried extends Trial {
  at: string
  commit: string
  machine: string
  version: string
}

/** By client and transport. */
export type Record = { [key: string]: Tried }

export const keyOf = (client: string, transport: Transport): string => `${client}:${transport}`

const JSON_FILE = join(ROOT, 'docs', 'clients.json')
const PAGE = join(ROOT, 'docs', 'clients.md')

export const readRecord = (): Record =>
  existsSync(JSON_FILE) ? JSON.parse(readFileSync(JSON_FILE, 'utf8')) : {}

const INTRODUCTION = `# Clients

How a person connects a client: [Claude Code](clients/claude-code.md), [Codex](clients/codex.md), [Gemini CLI](clients/gemini-cli.md), [opencode](clients/opencode.md), [mcporter](clients/mcporter.md), [MCP Inspector](clients/inspector.md), [a program of your own](clients/programs.md). For others, \`zuko-mcp connect\` lists the clients that it can write the configuration of.

\`npm run interop\` wrote the rest of this page. It starts the built program with its demo on a loopback port, and each client in a home of its own; a browser (Chromium) signs in as a person of the demo and decides on the consent page. Where a client needs a model, a stand-in on loopback asks for the tool and notes what it is shown; no account is involved.

| column | holds when |
|---|---|
| login | the client, or \`zuko-mcp proxy login\` ahead of it, had the person sign in once |
| list | the client, or its model, has all five tools |
| read | \`list_tasks\` with a filter comes back whole |
| write | \`create_task\` comes back, and the server's audit has a new change |
| expiry | the server's clock is put on by eleven minutes, and that of clients that start anew on Node, so that the access token (ten minutes) has expired: the next call renews it, without the person |
| restart | the server ends and starts again: the next call works, without the person |
| denied | the person declines, and whoever asked says so |
`

const mark = (trial: Trial, step: (typeof STEPS)[number]): string => {
  const outcome = trial.steps[step]
  return outcome === undefined ? '–' : outcome.ok ? 'yes' : '**no**'
}

const WAYS = { http: 'HTTP', proxy: '`zuko-mcp proxy`' }

function row({ name }: Client, tried: Tried): string {
  const { version, transport, era = '–', skipped } = tried
  if (skipped !== undefined) return `| ${name} | – | ${WAYS[transport]} | skipped: ${skipped} | | | | | | | |`
  return `| ${[name, version, WAYS[transport], era, ...STEPS.map((step) => mark(tried, step))].join(' | ')} |`
}

const cell = (words: string): string =>
  words
    .replaceAll('|', '\\|')
    .replaceAll('`', "'")
    .replace(/127\.0\.0\.1:\d+/g, 'host')

/** Writes both files anew. */
export function writePage(record: Record): void {
  const all = CLIENTS.flatMap((client) =>
    client.transports.flatMap((transport) => {
      const tried = record[keyOf(client.id, transport)]
      return tried ? [{ client, tried }] : []
    }),
  )
  const failed = all.flatMap(({ client, tried }) =>
    STEPS.flatMap((step) => {
      const outcome = tried.steps[step]
      if (!outcome || outcome.ok) return []
      return [
        `- ${client.name}, ${WAYS[tried.transport]}, ${step}: … ${cell(outcome.words ?? '')}${client.known?.[step] ? ` ${client.known[step]}` : ''}`,
      ]
    }),
  )
  const denials = all.flatMap(({ client, tried }) => {
    const { ok, words } = tried.steps.denied ?? {}
    return ok && words ? [`| ${client.name} | ${WAYS[tried.transport]} | ${cell(words)} |`] : []
  })
  const runs = [
    ...new Set(all.map(({ tried }) => `${tried.at.slice(0, 10)}, commit ${tried.commit}, ${tried.machine}`)),
  ]
  const open = CLIENTS.flatMap(({ id, name, transports }) =>
    transports.filter((way) => !record[keyOf(id, way)]).map((way) => `${name} over ${WAYS[way]}`),
  )
  const text = [
    INTRODUCTION,
    `| client | version | over | revision | ${STEPS.join(' | ')} |`,
    `|---|---|---|---|${STEPS.map(() => '---|').join('')}`,
    ...all.map(({ client, tried }) => row(client, tried)),
    '',
    `Tried: ${runs.join('; ')}. The revision is the one that the last request's header named; – where no request had one.`,
    '',
    ...(open.length > 0 ? [`No whole run is on this page yet of: ${open.join(', ')}.`, ''] : []),
    ...(failed.length > 0 ? ['## What did not work', '', ...failed, ''] : []),
    '## When the person declines',
    '',
    'What each client said, or its model was shown; where the bridge was signed in ahead of the client, the words of that:',
    '',
    '| client | over | says |',
    '|---|---|---|',
    ...denials,
    '',
    '## How each was driven',
    '',
    ...CLIENTS.map(({ name, package: from, how }) => `- ${name} (\`${from}\`): ${how}.`),
    '',
  ]
  writeFileSync(PAGE, text.join('\n'))
  writeFileSync(JSON_FILE, `${JSON.stringify(record, null, 2)}\n`)
}
