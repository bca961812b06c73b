/** Loaded before a program, whose clock is then ahead by ZUKO_INTEROP_AHEAD milliseconds. */
const ELEVEN_MINUTES = 11 * 60_000
let ahead = Number(process.env.ZUKO_INTEROP_AHEAD ?? 0)

const RealDate = Date
const now = () => RealDate.now() + ahead
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, as) => Reflect.construct(target, args.length > 0 ? args : [now()], as),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
})

/** Puts the clock on; answers how far it is ahead then. */
export function putOn() {
  ahead += ELEVEN_MINUTES
  return ahead
}
