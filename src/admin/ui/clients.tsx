import { useState } from 'react'
import type { ListedClient, ListedGrant } from '../../store/types.js'
import { redirectHosts, revokeClient } from '../clients.js'
import { shownTime } from '../time.js'
import { run } from './change.js'
import { filtered, useFilter } from './filter.js'
import { LEVEL, useKeys } from './keyboard.js'
import type { Span } from './line.js'
import { Detail, heading, type ReadLine } from './lines.js'
import { type Column, HEADINGS, useChoice } from './list.js'
import { ListSheet } from './list-sheet.js'
import { useLoad } from './load.js'
import { grantLine } from './people.js'
import { type Hint, roomOf, type Size } from './sheet.js'
import { type ScreenProps, type Stage, useStage } from './stage.js'
import { fact } from './task-lines.js'
import { counted, grouped } from './text.js'

const stateOf = ({ disabled }: ListedClient): Span =>
  disabled ? { text: 'refused', tone: 'danger' } : { text: 'active', tone: 'muted' }

const dayOf = (at: number | null) => (at === null ? '–' : shownTime(at).slice(0, 10))

const COLUMNS: readonly Column<ListedClient>[] = [
  { title: 'NAME', width: 'rest', show: ({ name, clientId }) => [name ?? clientId] },
  {
    title: 'SENDS PEOPLE BACK TO',
    width: 24,
    from: 70,
    show: (row) => [{ text: redirectHosts(row).join(', ') || '–', tone: 'muted' }],
  },
  { title: 'GRANTS', width: 7, align: 'right', show: ({ grants }) => [grouped(grants)] },
  { title: 'STATE', width: 8, show: (row) => [stateOf(row)] },
  { title: 'SINCE', width: 10, from: 60, show: (row) => [{ text: dayOf(row.createdAt), tone: 'muted' }] },
]

const HINTS: readonly Hint[] = [
  ['↑↓', 'move'],
  ['⏎', 'grants'],
  ['/', 'filter'],
  ['x', 'revoke'],
]

/** Asks, and refuses a client for good as the command does. */
const revoke = (stage: Stage, { clientId, name, grants }: ListedClient): void =>
  stage.ask({
    text: `Refuse ${name ?? clientId} for good, and end its ${counted(grants, 'grant')}?`,
    yes: () => run(stage, (deps) => revokeClient(deps, { clientId, yes: true })),
  })

/** The programs that people let in, and what each was allowed. */
export function ClientsScreen({ active, place: _place, ...size }: ScreenProps) {
  const stage = useStage()
  const { store, revision } = stage
  const room = roomOf(size)
  const filter = useFilter(active)
  const [opened, setOpened] = useState<string>()
  const loaded = useLoad(active ? () => store.clients.list() : undefined, revision)
  const all = loaded.value ?? []
  const rows = filtered(all, filter.text, (row) => [row.name ?? '', row.clientId, ...redirectHosts(row)])
  const choice = useChoice({
    rows,
    keyOf: ({ clientId }: ListedClient) => clientId,
    height: room.height - HEADINGS,
  })
  const client = all.find(({ clientId }) => clientId === opened)

  useKeys(
    LEVEL.screen,
    active && !client
      ? (press) => {
          if (filter.handle(press) || choice.handle(press)) return true
          if (press === 'enter') setOpened(choice.row?.clientId)
          else if (press === 'x' && choice.row) revoke(stage, choice.row)
          else return false
          return true
        }
      : undefined,
  )
  if (client) {
    return <ClientSheet {...size} active={active} client={client} close={() => setOpened(undefined)} />
  }
  return (
    <ListSheet
      {...{ ...size, rows, choice, loaded, filter }}
      title={[{ text: 'Clients and grants', bold: true }]}
      hints={HINTS}
      columns={COLUMNS}
      empty="No client has registered yet. The first page of the server says how to connect one."
    />
  )
}

interface ClientProps extends Size {
  client: ListedClient
  active: boolean
  close(): void
}

/** One client and what people allowed it. */
function ClientSheet({ client, active, close, ...size }: ClientProps) {
  const stage = useStage()
  const { store, revision } = stage
  const grants = useLoad(
    async () => (await store.grants.list()).filter(({ clientId }) => clientId === client.clientId),
    `${client.clientId} ${revision}`,
  )
  return (
    <Detail
      {...size}
      active={active}
      title={[{ text: 'Client', bold: true }]}
      lines={clientLines(client, grants.value, stage)}
      hints={grants.value?.length ? [['x', 'revoke the grant']] : []}
      close={close}
    />
  )
}

const clientLines = (
  client: ListedClient,
  grants: readonly ListedGrant[] | undefined,
  stage: Stage,
): ReadLine[] => [
  fact('Name', [client.name ?? '–', { text: '  as it calls itself', tone: 'muted' }]),
  fact('Id', [client.clientId]),
  fact('State', [stateOf(client)]),
  fact('Since', [dayOf(client.createdAt)]),
  ...client.redirectUris.map((uri, index) => fact(index === 0 ? 'Redirects' : '', [uri])),
  ...heading('Allowed by', grants && counted(grants.length, 'person', 'people')),
  ...(grants ?? []).map((grant) => grantLine(grant, stage, grant.email)),
]
