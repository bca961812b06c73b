// The raw limit: lines from stdin to HTTP and back with node:http, and nothing else. No login, no headers, no errors.
import { Agent, request } from 'node:http'

const url = new URL(process.argv[2])
const agent = new Agent({ keepAlive: true })

function post(line) {
  const outgoing = request(
    {
      agent,
      hostname: url.hostname,
      port: url.port,
      path: url.pathname,
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    },
    (incoming) => {
      const chunks = []
      incoming.on('data', (chunk) => chunks.push(chunk))
      incoming.on('end', () => {
        const body = Buffer.concat(chunks)
        if (body.length > 0) process.stdout.write(`${body}\n`)
      })
    },
  )
  outgoing.on('error', (error) => process.stderr.write(`${error.message}\n`))
  outgoing.end(line)
}

let rest = ''
process.stdin.setEncoding('utf8')
process.stdin.on('data', (text) => {
  const lines = (rest + text).split('\n')
  rest = lines.pop()
  for (const line of lines) if (line) post(line)
})
process.stdin.on('end', () => agent.destroy())
