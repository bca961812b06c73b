/** What models call our words: learned from the names that other task trackers have for the same things. */
import { folded } from './shown.js'
import type { Status } from './words.js'

const ARGUMENTS: Record<string, readonly string[]> = {
  taskId: ['task', 'ticket', 'ticketId', 'issue', 'issueId', 'taskNumber', 'key'],
  title: ['name', 'subject', 'summary', 'heading', 'taskName', 'newTitle', 'newName'],
  organizationId: [
    'org',
    'orgId',
    'team',
    'teamId',
    'workspace',
    'workspaceId',
    'company',
    'companyId',
    'tenantId',
  ],
  description: ['body', 'content', 'notes', 'note', 'details', 'text', 'markdown'],
  status: ['state', 'newStatus', 'stage', 'column', 'filter'],
  assignee: ['assignedTo', 'assign', 'owner', 'user', 'userId', 'responsible', 'assigneeEmail', 'member'],
  parentTaskId: ['parent', 'parentTask', 'subtaskOf'],
  idempotencyKey: ['requestId', 'dedupeKey', 'clientToken', 'uniqueKey'],
  completedAt: ['completed', 'doneAt', 'closedAt', 'finishedAt', 'completionDate', 'completedOn'],
  expectedUpdatedAt: ['updatedAt', 'lastUpdatedAt', 'ifUnmodifiedSince', 'version', 'etag'],
  cursor: ['after', 'page', 'pageToken', 'nextPage', 'next', 'startCursor'],
}

const STATUSES: Record<Status, readonly string[]> = {
  TODO: ['open', 'new', 'pending', 'backlog', 'planned', 'not started', 'unstarted', 'reopened'],
  IN_PROGRESS: ['started', 'doing', 'active', 'wip', 'ongoing', 'working', 'working on it', 'in review'],
  DONE: ['completed', 'complete', 'finished', 'closed', 'resolved', 'fixed', 'shipped'],
  CANCELLED: ['canceled', 'cancel', 'aborted', 'dropped', 'abandoned', 'wontfix', "won't do", 'rejected'],
}

const ofWhich = (word: string, synonyms: Record<string, readonly string[]>): string | undefined =>
  Object.keys(synonyms).find((name) => synonyms[name]?.some((one) => folded(one) === folded(word)))

/** The argument that other trackers call `name`. */
export const argumentCalled = (name: string): string | undefined => ofWhich(name, ARGUMENTS)

/** The status that people call `word`. */
export const statusCalled = (word: string): string | undefined => ofWhich(word, STATUSES)
