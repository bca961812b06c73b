import { useState } from 'react'
import type { Account, ListedGrant, Member } from '../../store/types.js'
import { revokeGrant } from '../grants.js'
import { shownTime } from '../time.js'
import { run } from './change.js'
import { filtered, useFilter } from './filter.js'
import { LEVEL, useKeys } from './keyboard.js'
import { cell, type Span, type Spans } from './line.js'
import { Detail, heading, type ReadLine } from './lines.js'
import { type Column, HEADINGS, useChoice } from './list.js'
import { ListSheet } from './list-sheet.js'
import { useLoad } from './load.js'
import { type Hint, roomOf, type Size } from './sheet.js'
import { type ScreenProps, type Stage, useStage } from './stage.js'
import { fact } from './task-lines.js'
import { counted } from './text.js'

interface PersonRow extends Account {
  memberships: Member[]
}

async function peopleOf({ store }: Pick<Stage, 'store'>): Promise<PersonRow[]> {
  const [people, members] = [await store.people.list(), await store.members.list()]
  const byPerson = new Map(people.map(({ id }) => [id, [] as Member[]]))
  for (const one of members) byPerson.get(one.id)?.push(one)
  return people.map((person) => ({ ...person, memberships: byPerson.get(person.id) ?? [] }))
}

const COLUMNS: readonly Column<PersonRow>[] = [
  { title: 'E-MAIL', width: 'rest', show: ({ email }) => [email] },
  { title: 'NAME', width: 'rest', from: 72, show: ({ name }) => [name] },
  { title: 'BELONGS TO', width: 'rest', from: 50, show: belongsTo },
]

const NONE: Span = { text: '–', tone: 'muted' }
function belongsTo({ memberships, disabledAt }: PersonRow): Spans {
  const slugs = memberships.map((one) => one.organizationSlug).join(', ')
  return [{ text: disabledAt === null ? '' : 'disabled ', tone: 'danger' }, slugs || NONE]
}
const stateOf = (disabledAt: number | null): Span =>
  disabledAt === null
    ? { text: 'active' }
    : { text: `disabled since ${shownTime(disabledAt)} UTC`, tone: 'danger' }

const HINTS: readonly Hint[] = [
  ['↑↓', 'move'],
  ['⏎', 'open'],
  ['/', 'filter'],
]

/** Everybody, with the organizations they belong to. */
export function PeopleScreen({ active, place: _place, ...size }: ScreenProps) {
  const stage = useStage()
  const room = roomOf(size)
  const filter = useFilter(active)
  const [opened, setOpened] = useState<number>()
  const loaded = useLoad(active ? () => peopleOf(stage) : undefined, stage.revision)
  const all = loaded.value ?? []
  const rows = filtered(all, filter.text, (row) => [row.email, row.name])
  const choice = useChoice({ rows, keyOf: ({ id }: PersonRow) => id, height: room.height - HEADINGS })
  const person = all.find(({ id }) => id === opened)

  useKeys(
    LEVEL.screen,
    active && !person
      ? (press) => {
          if (filter.handle(press) || choice.handle(press)) return true
          if (press === 'enter') setOpened(choice.row?.id)
          return press === 'enter'
        }
      : undefined,
  )
  if (person) {
    return <PersonSheet {...size} active={active} person={person} close={() => setOpened(undefined)} />
  }
  return (
    <ListSheet
      {...{ ...size, rows, choice, loaded, filter }}
      title={[{ text: 'People', bold: true }]}
      hints={HINTS}
      columns={COLUMNS}
      empty="There is no account yet. Add one with: zuko-mcp admin users add EMAIL"
    />
  )
}

interface PersonProps extends Size {
  person: PersonRow
  active: boolean
  close(): void
}

/** One account: where the person belongs, and which clients may act for the person. */
function PersonSheet({ person, active, close, ...size }: PersonProps) {
  const stage = useStage()
  const { store, revision, visit } = stage
  const grants = useLoad(
    async () => (await store.grants.list()).filter(({ userId }) => userId === person.id),
    `${person.id} ${revision}`,
  )
  const lines: ReadLine[] = [
    fact('Name', [person.name]),
    fact('E-mail', [person.email]),
    fact('State', [stateOf(person.disabledAt)]),
    fact('Since', [`${shownTime(person.createdAt)} UTC`]),
    ...heading('Belongs to', counted(person.memberships.length, 'organization')),
    ...person.memberships.map((one) => membershipLine(one, visit)),
    ...heading('Allowed', grants.value && counted(grants.value.length, 'client')),
    ...(grants.value ?? []).map((grant) => grantLine(grant, stage)),
  ]
  const hints: Hint[] = [...(person.memberships.length > 0 ? ([['⏎', 'its tasks']] as const) : [])]
  const revocable: Hint[] = grants.value?.length ? [['x', 'revoke']] : []
  return (
    <Detail
      {...size}
      active={active}
      title={[
        { text: 'Person ', bold: true },
        { text: `#${person.id}`, tone: 'muted' },
      ]}
      lines={lines}
      hints={[...hints, ...revocable]}
      close={close}
    />
  )
}

function membershipLine(one: Member, visit: Stage['visit']): ReadLine {
  const organization = { id: one.organizationId, name: one.organizationSlug }
  return {
    spans: [...cell([one.organizationSlug], 30), { text: `  ${one.role}`, tone: 'muted' }],
    keys: { enter: () => visit({ screen: 'tasks', organization }) },
  }
}

/** What one person allowed one client; `x` asks, and revokes it as the command does. */
export function grantLine(
  grant: ListedGrant,
  stage: Stage,
  name = grant.clientName ?? grant.clientId,
): ReadLine {
  const { email, clientId, scopes, updatedAt } = grant
  const revoke = () =>
    stage.ask({
      text: `Revoke what ${email} allowed ${grant.clientName ?? clientId}? Its tokens stop at once.`,
      yes: () => run(stage, (deps) => revokeGrant(deps, { email, clientId })),
    })
  return {
    spans: [
      ...cell([name], 20),
      { text: `  ${shownTime(updatedAt).slice(0, 10)}  ${scopes.join(' ')}`, tone: 'muted' },
    ],
    keys: { x: revoke },
  }
}
