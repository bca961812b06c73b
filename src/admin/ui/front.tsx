import { Box } from 'ink'
import type { ComponentType, ReactNode } from 'react'
import { AuditScreen } from './audit.js'
import { ClientsScreen } from './clients.js'
import { Help } from './help.js'
import { OrganizationsScreen } from './organizations.js'
import { OverviewScreen } from './overview.js'
import { PeopleScreen } from './people.js'
import type { Size } from './sheet.js'
import type { Place, ScreenName, ScreenProps } from './stage.js'
import { TaskSheet } from './task.js'
import { TasksScreen } from './tasks.js'

const SCREEN_OF: Record<ScreenName, ComponentType<ScreenProps>> = {
  overview: OverviewScreen,
  people: PeopleScreen,
  organizations: OrganizationsScreen,
  tasks: TasksScreen,
  clients: ClientsScreen,
  audit: AuditScreen,
}

interface FrontProps {
  size: Size
  place: Place
  visited: readonly ScreenName[]
  tasks: readonly number[]
  closeTask(): void
  helping: boolean
  closeHelp(): void
}

/** The screens that were visited, each as it was left, and over them the tasks that are open; one is seen. */
export function Front({ size, place, visited, tasks, closeTask, helping, closeHelp }: FrontProps) {
  const open = tasks.at(-1)
  return (
    <>
      {visited.map((name) => {
        const Screen = SCREEN_OF[name]
        const here = name === place.screen
        const active = here && open === undefined && !helping
        return (
          <Seen key={name} when={active}>
            <Screen {...size} active={active} place={here ? place : undefined} />
          </Seen>
        )
      })}
      {tasks.map((id) => (
        <Seen key={id} when={id === open && !helping}>
          <TaskSheet {...size} id={id} active={id === open && !helping} close={closeTask} />
        </Seen>
      ))}
      {helping && <Help {...size} active close={closeHelp} />}
    </>
  )
}

const Seen = ({ when, children }: { when: boolean; children: ReactNode }) => (
  <Box display={when ? 'flex' : 'none'}>{children}</Box>
)
