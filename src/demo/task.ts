import type { JsonValue, Status } from '../store/types.js'
import type { DemoPerson } from './people.js'

/** One task as the demo tells it; times are days before the moment of seeding. */
export interface DemoTask {
  title: string
  status: Status
  /** Creator and first owner. */
  by: DemoPerson
  /** Further owners. */
  with?: DemoPerson[]
  /** A person of the demo, or a name of somebody outside. */
  assignee?: DemoPerson | (string & {})
  created: number
  /** Last change; for a finished task also when it was finished. */
  updated: number
  description?: JsonValue
  subtasks?: DemoTask[]
}
