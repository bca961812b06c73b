import { useState } from 'react'
import type { Member, Organization } from '../../store/types.js'
import { filtered, useFilter } from './filter.js'
import { LEVEL, useKeys } from './keyboard.js'
import { cell } from './line.js'
import { Detail, heading, type ReadLine } from './lines.js'
import { type Column, HEADINGS, useChoice } from './list.js'
import { ListSheet } from './list-sheet.js'
import { useLoad } from './load.js'
import { type Hint, roomOf, type Size } from './sheet.js'
import { type ScreenProps, useStage } from './stage.js'
import { fact } from './task-lines.js'
import { counted, grouped } from './text.js'

type Row = Organization & { members: number; tasks: number }

const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', width: 'rest', show: ({ name }) => [name] },
  { title: 'SLUG', width: 24, from: 60, show: ({ slug }) => [{ text: slug, tone: 'muted' }] },
  { title: 'MEMBERS', width: 9, align: 'right', show: ({ members }) => [grouped(members)] },
  { title: 'TASKS', width: 11, align: 'right', show: ({ tasks }) => [grouped(tasks)] },
]

const HINTS: readonly Hint[] = [
  ['↑↓', 'move'],
  ['⏎', 'open'],
  ['t', 'its tasks'],
  ['/', 'filter'],
]

/** Every organization, with how many members and tasks it has. */
export function OrganizationsScreen({ active, place: _place, ...size }: ScreenProps) {
  const { store, revision, visit } = useStage()
  const room = roomOf(size)
  const filter = useFilter(active)
  const [opened, setOpened] = useState<number>()
  const loaded = useLoad(active ? () => store.organizations.list() : undefined, revision)
  const all = loaded.value ?? []
  const rows = filtered(all, filter.text, (row) => [row.name, row.slug])
  const choice = useChoice({ rows, keyOf: ({ id }: Row) => id, height: room.height - HEADINGS })
  const organization = all.find(({ id }) => id === opened)

  useKeys(
    LEVEL.screen,
    active && !organization
      ? (press) => {
          if (filter.handle(press) || choice.handle(press)) return true
          if (press === 'enter') setOpened(choice.row?.id)
          else if (press === 't' && choice.row) visit({ screen: 'tasks', organization: choice.row })
          else return false
          return true
        }
      : undefined,
  )
  if (organization) {
    return (
      <OrganizationSheet
        {...size}
        active={active}
        organization={organization}
        close={() => setOpened(undefined)}
      />
    )
  }
  return (
    <ListSheet
      {...{ ...size, rows, choice, loaded, filter }}
      title={[{ text: 'Organizations', bold: true }]}
      hints={HINTS}
      columns={COLUMNS}
      empty="There is no organization yet. Add one with: zuko-mcp admin organizations add NAME"
    />
  )
}

interface OrganizationProps extends Size {
  organization: Row
  active: boolean
  close(): void
}

/** One organization and its members. */
function OrganizationSheet({ organization, active, close, ...size }: OrganizationProps) {
  const { store, revision, visit } = useStage()
  const { id, name, slug, tasks } = organization
  const members = useLoad(() => store.members.list(slug), `${slug} ${revision}`)
  const lines: ReadLine[] = [
    fact('Name', [name]),
    fact('Slug', [slug]),
    fact('Tasks', [grouped(tasks)]),
    ...heading('Members', members.value && counted(members.value.length, 'person', 'people')),
    ...(members.value ?? []).map(memberLine),
  ]
  return (
    <Detail
      {...size}
      active={active}
      title={[
        { text: 'Organization ', bold: true },
        { text: `#${id}`, tone: 'muted' },
      ]}
      lines={lines}
      hints={[['t', 'its tasks']]}
      keys={{ t: () => visit({ screen: 'tasks', organization }) }}
      close={close}
    />
  )
}

const memberLine = ({ email, name, role }: Member): ReadLine => ({
  spans: [...cell([email], 32), '  ', ...cell([name], 24), { text: `  ${role}`, tone: 'muted' }],
})
