import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CLIENTS, type Client, type Folders } from '../clients/index.js'
import { ZukoError } from '../errors.js'

/** Where a client's own programs say that it is here: its file, or the folder that only it uses. */
export function isHere(client: Client, folders: Folders): boolean {
  const shared = [folders.home, folders.config, folders.programs]
  return client
    .files(folders)
    .some((path) => existsSync(path) || (!shared.includes(dirname(path)) && existsSync(dirname(path))))
}

/** The file to be written: of several that the client reads, the one that is there. */
export function userFile(client: Client, folders: Folders): string {
  const files = client.files(folders)
  return files.find((path) => existsSync(path)) ?? files[0]
}

/** @throws ZukoError USAGE for a client that keeps nothing with a project */
export function projectFile(client: Client, folder: string): string {
  if (client.projectFile !== undefined) return join(folder, client.projectFile)
  const able = CLIENTS.filter((one) => one.projectFile !== undefined).map(({ id }) => id)
  throw new ZukoError('USAGE', `${client.name} has no file for a single project.`, {
    fix: `leave out --project, which is for ${able.join(', ')}`,
  })
}
