/** A PostgreSQL of our own, to be stopped, broken and started again. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { freePort } from './program.js'

const DEBIAN = '/usr/lib/postgresql'

/** A recovery makes sure of the whole file system at once, not of thousands of files one after another. */
const RECOVERY = { recovery_init_sync_method: 'syncfs' }

/** The folder of PostgreSQL's programs; undefined where there are none. */
export function postgresPrograms(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : []
  return versions
    .map((version) => join(DEBIAN, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')))
}

/** PostgreSQL does not run as root: whom it runs as then. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const [, , uid, gid] = users.find(([name]) => name === 'postgres') ?? []
  return { uid: Number(uid ?? 65534), gid: Number(gid ?? 65534) }
}

export interface Cluster {
  port: number
  /** A new database, owned by a user that is no superuser; answers its URL. */
  database(name: string): Promise<string>
  /** Ends every process of it at once, as a crash does, and starts it again; it recovers while it starts. */
  crash(): Promise<void>
  stop(): Promise<void>
}

/** Makes and starts a cluster on a free port of this computer, in a folder of its own. */
export async function startCluster(settings: Record<string, string> = {}): Promise<Cluster> {
  const bin = postgresPrograms()
  if (!bin) throw new Error('There is no PostgreSQL on this computer.')
  const as = unprivileged()
  const folder = mkdtempSync(join(tmpdir(), 'zuko-postgres-'))
  const [data, secret, password] = [
    join(folder, 'data'),
    join(folder, 'secret'),
    randomBytes(12).toString('hex'),
  ]
  writeFileSync(secret, password)
  if (as) for (const path of [folder, secret]) chownSync(path, as.uid, as.gid)
  const init = ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--auth=scram-sha-256', `--pwfile=${secret}`]
  const made = spawnSync(join(bin, 'initdb'), init, { ...as, cwd: folder, encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`)
  const port = await freePort()
  const set = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    ...RECOVERY,
    ...settings,
  }
  const options = Object.entries(set).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const superuser = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`

  const run = () => {
    const child = spawn(join(bin, 'postgres'), ['-D', data, ...options], {
      ...as,
      cwd: folder,
      stdio: 'ignore',
    })
    return { child, exit: once(child, 'exit') }
  }
  const query = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: superuser })
    await client.connect()
    try {
      await client.query(sql)
    } finally {
      await client.end()
    }
  }
  const answers = async (child: ChildProcess): Promise<void> => {
    for (;;) {
      if (child.exitCode !== null) throw new Error(`PostgreSQL ended with ${child.exitCode}.`)
      const up = await query('SELECT 1').then(
        () => true,
        () => false,
      )
      if (up) return
      await new Promise((resume) => setTimeout(resume, 20))
    }
  }

  let running = run()
  await answers(running.child)
  await query(`CREATE ROLE zuko LOGIN PASSWORD '${password}'`)
  return {
    port,
    async database(name) {
      await query(`CREATE DATABASE ${name} OWNER zuko`)
      return `postgres://zuko:${password}@127.0.0.1:${port}/${name}`
    },
    async crash() {
      running.child.kill('SIGQUIT')
      await running.exit
      running = run()
    },
    async stop() {
      running.child.kill('SIGINT')
      await running.exit
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
