// What every contender asks the same database, and answers with: the product's own statements, run directly.
import SQLite from 'better-sqlite3'
import { listByMerging } from '../../../dist/store/sqlite/task-list.js'
import { createTask } from '../../../dist/store/task-create.js'
import { OWN_TASKS } from '../../../dist/store/task-detail.js'
import { TOOLS } from '../../../dist/tools/index.js'
import { rowView, taskView } from '../../../dist/tools/view.js'

/** Runs work statement by statement, each prepared once. */
function runner(sqlite) {
  const prepared = new Map()
  const perform = ({ statement, values }) => {
    const made = prepared.get(statement) ?? sqlite.prepare(statement.sqlite)
    prepared.set(statement, made)
    if (!made.reader) return { rows: [], changes: made.run(values).changes }
    const rows = made.all(values)
    return { rows, changes: rows.length }
  }
  return (work) => {
    let step = work.next()
    while (!step.done) step = work.next(perform(step.value))
    return step.value
  }
}

/** Tools by name: each takes a person's id and arguments, and answers the value of its result at once. */
function openQueries(path) {
  const sqlite = new SQLite(path)
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON'])
    sqlite.pragma(pragma)
  const run = runner(sqlite)
  const create = sqlite.transaction((actor, task) => run(createTask(actor, task)))
  return {
    list_tasks(userId) {
      const { tasks, more } = run(listByMerging({ userId, limit: 50 }))
      const rows = tasks.map(rowView)
      const last = tasks.at(-1)
      if (!more) return { tasks: rows }
      const nextCursor = Buffer.from(JSON.stringify([last.updatedAt, last.id])).toString('base64url')
      return { tasks: rows, nextCursor, note: `There are more: pass cursor "${nextCursor}".` }
    },
    get_task: (userId, { taskId }) => taskView(run(OWN_TASKS.read(userId, taskId))),
    create_task(userId, { title, organizationId }) {
      const actor = { userId, clientId: 'bench', requestId: 'bench', at: Date.now() }
      const nothing = { description: null, assignee: null, parentTaskId: null }
      const { task } = create.immediate(actor, { organizationId, title, status: 'TODO', ...nothing })
      return taskView(task)
    },
  }
}

const [path, people] = process.argv.slice(2)
export const queries = openQueries(path)
/** Whom a bearer token stands for. */
export const tokens = new Map(Object.entries(JSON.parse(people)))
/** The tools as `tools/list` shows them. */
export const definitions = TOOLS.map(({ definition }) => definition)

export const resultOf = (value) => ({
  content: [{ type: 'text', text: JSON.stringify(value.tasks ?? value) }],
  structuredContent: value,
})

/** Says where it listens, for the bench to read. */
export const ready = (port) => console.log(`listening ${port}`)
