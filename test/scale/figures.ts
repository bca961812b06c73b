/** The shapes of what was measured; the files in docs/scale hold them. */

/** Milliseconds of processor time of one call. */
export interface Cost {
  nodes: number
  database: number
  balancer: number
  generator: number
}

export interface Measured {
  calls: number
  perSecond: number
  /** Milliseconds. */
  p50: number
  p99: number
  cpuMs: Cost
}

export interface MeasuredCall {
  /** One at a time; `waits` are the middles of 20 equal parts of all waits. */
  alone: Measured & { waits: number[] }
  /** As many at a time as the bench has in flight. */
  full: Measured
}

export const CALLS = ['list_tasks', 'get_task', 'create_task', 'create_task in one organization'] as const
export type CallName = (typeof CALLS)[number]

export interface BenchSite {
  database: 'SQLite' | 'PostgreSQL'
  nodes: number
  /** The most that one of its nodes took. */
  memoryMiB: number
  calls: Record<CallName, MeasuredCall>
}

/** What `npm run bench -- nodes` writes. */
export interface Bench {
  machine: {
    at: string
    cores: number
    processor: string
    memoryGiB: number
    node: string
    postgres: string
    loadAtStart: number
    loadAtEnd: number
  }
  inFlight: number
  storage: Record<'task' | 'task_owner' | 'audit', { rows: number; bytesPerRow: number }>
  sites: BenchSite[]
}

interface Told {
  rounds?: number
  acknowledged: number
  /** How many answers of which status. */
  refused: Record<string, number>
  longestGapMs: number
}

/** What `npm run nodes` writes. */
export interface Nodes {
  killedNodes: Told
  crashedDatabase: Told
  rollingUpgrade: Told
}

/** One kind of call, by one kind of people, on a store of so many tasks: medians. */
export interface TasksRow {
  tasks: number
  tool: string
  people: string
  ms: number
  cpuMs: number
}

/** What `npm run bench -- scale` writes. */
export interface Tasks {
  machine: Omit<Bench['machine'], 'postgres'> & { sqlite: string }
  storage: {
    tasks: number
    organizations: number
    fileBytes: number
    parts: { name: string; type: 'table' | 'index'; table: string; bytesPerTask: number }[]
  }[]
  /** The tools straight on the store, and through the built server. */
  straight: TasksRow[]
  served: TasksRow[]
}
