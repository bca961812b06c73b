import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder for one test file. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'zuko-admin-'))
  const at = (name: string) => join(folder, name)
  return {
    folder,
    at,
    /** Writes a file and answers its path. */
    file(name: string, content: string | Buffer): string {
      writeFileSync(at(name), content)
      return at(name)
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
