/**
 * Loaded before the built program, which it leaves as it is but for its clock: SIGUSR2 puts that on by eleven minutes,
 * so that every access token (ten minutes) has expired. Says on stderr which revision each request came with.
 */
import { Server } from 'node:http'
import { putOn } from './clock.mjs'

const tell = (facts) => process.stderr.write(`${JSON.stringify({ interop: facts })}\n`)

process.on('SIGUSR2', () => tell({ ahead: putOn() }))

const { emit } = Server.prototype
Server.prototype.emit = function seen(event, ...args) {
  if (event === 'request') {
    const [{ method, url, headers }, response] = args
    response.once('finish', () =>
      tell({
        method,
        path: url.split('?', 1)[0],
        status: response.statusCode,
        version: headers['mcp-protocol-version'],
      }),
    )
  }
  return emit.call(this, event, ...args)
}
