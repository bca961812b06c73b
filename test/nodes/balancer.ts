/** nginx in front of several nodes, on a port of its own. */
import { type Nginx, startNginx } from '../helpers/nginx.js'

export { hasNginx } from '../helpers/nginx.js'

export type Balancer = Nginx

/** What a person would write: one after another, a node that does not take the connection is passed over. */
const configuration = (port: number, nodes: readonly number[]) => `
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
`

/** Starts it; `stop` answers what it complained about. */
export const startBalancer = (port: number, nodes: readonly number[]): Promise<Balancer> =>
  startNginx(configuration(port, nodes))
