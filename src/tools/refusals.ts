/** Answers that must not tell what is elsewhere from what does not exist: no word of theirs depends on the id. */
import { ZukoError } from '../errors.js'

export const taskNotFound = () =>
  new ZukoError('NOT_FOUND', 'None of your organizations has a task with this id.', {
    fix: 'find the id with list_tasks',
  })

export const organizationNotFound = () =>
  new ZukoError('NOT_FOUND', 'You belong to no organization with this id.', {
    fix: 'find the id with list_organizations',
  })

export const parentNotFound = () =>
  new ZukoError('NOT_FOUND', 'The organization has no task with this parentTaskId.', {
    fix: 'find the id of the parent task with list_tasks, or leave parentTaskId out',
  })
