/**
 * Loaded before the built program, which it leaves as it is but for its clock: SIGUSR2 puts that on by eleven minutes,
 * so that every access token (ten minutes) has expired. Says on stderr which revision each request came with.
 */
import { Server } from 'node:http'

const ELEVEN_MINUTES = 11 * 60_000
let ahead = Number(process.env.ZUKO_INTEROP_AHEAD ?? 0)

const RealDate = Date
const now = () => RealDate.now() + ahead
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, as) => Reflect.construct(target, args.length > 0 ? args : [now()], as),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
})
process.on('SIGUSR2', () => {
  ahead += ELEVEN_MINUTES
  tell({ ahead })
})

const tell = (facts) => process.stderr.write(`${JSON.stringify({ interop: facts })}\n`)

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
