// The floor: bare node:http that reads the message, looks the token up, asks the database and writes the JSON.
import { createServer } from 'node:http'
import { definitions, queries, ready, resultOf, tokens } from './queries.mjs'

function answer(userId, { method, params }) {
  if (method === 'tools/list') return { tools: definitions }
  return resultOf(queries[params.name](userId, params.arguments))
}

const server = createServer((incoming, outgoing) => {
  const chunks = []
  incoming.on('data', (chunk) => chunks.push(chunk))
  incoming.on('end', () => {
    const userId = tokens.get(incoming.headers.authorization?.slice('Bearer '.length))
    if (userId === undefined) return outgoing.writeHead(401).end()
    const message = JSON.parse(Buffer.concat(chunks))
    const result = answer(userId, message)
    const body = JSON.stringify({ jsonrpc: '2.0', id: message.id, result })
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    outgoing.writeHead(200, headers).end(body)
  })
})
server.listen(0, '127.0.0.1', () => ready(server.address().port))
