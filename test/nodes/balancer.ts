/** nginx in front of several nodes, on a port of its own, in a folder of its own. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const hasNginx = (): boolean => spawnSync('nginx', ['-v']).status === 0

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

/** What a person would write: one after another, a node that does not take the connection is passed over. */
const configuration = (folder: string, port: number, nodes: readonly number[]) => `
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 2048; }
http {
  access_log off;
${TEMPORARY.map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
  upstream zuko {
${nodes.map((node) => `    server 127.0.0.1:${node} max_fails=0;`).join('\n')}
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://zuko;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_connect_timeout 1s;
    }
  }
}
`

export interface Balancer {
  stop(): Promise<string>
}

/** Starts it; `stop` answers what it complained about. */
export async function startBalancer(port: number, nodes: readonly number[]): Promise<Balancer> {
  const folder = mkdtempSync(join(tmpdir(), 'zuko-nginx-'))
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, configuration(folder, port, nodes))
  const child = spawn(
    'nginx',
    ['-p', folder, '-c', file, '-e', join(folder, 'error.log'), '-g', 'daemon off;'],
    {
      stdio: 'ignore',
    },
  )
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
