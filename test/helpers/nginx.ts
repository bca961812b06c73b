/** nginx with a configuration of its own, in a folder of its own. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Debian has it where only root looks. */
const program = (): string | undefined =>
  ['nginx', '/usr/sbin/nginx'].find((name) => spawnSync(name, ['-v']).status === 0)

export const hasNginx = (): boolean => program() !== undefined

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

const around = (folder: string, http: string) => `
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 2048; }
http {
  access_log off;
${TEMPORARY.map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
${http}
}
`

export interface Nginx {
  /** Ends it, and answers what it complained about. */
  stop(): Promise<string>
}

/** Starts it with what stands inside of `http`. */
export async function startNginx(http: string): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'zuko-nginx-'))
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, around(folder, http))
  const words = ['-p', folder, '-c', file, '-e', join(folder, 'error.log'), '-g', 'daemon off;']
  const child = spawn(program() ?? 'nginx', words, { stdio: 'ignore' })
  const exit = once(child, 'exit')
  return {
    async stop() {
      child.kill('SIGTERM')
      await exit
      const complaints = readFileSync(join(folder, 'error.log'), 'utf8')
      rmSync(folder, { recursive: true, force: true })
      return complaints
    },
  }
}
