/**
 * Loaded into a process with `--import`: notes each name that it resolves and each connection that it would open, a
 * line of JSON each, in the file that WITNESS names. No connection is made. WITNESS_NAMES gives answers to names, one for each time that
 * a name is asked for, the last for good; other names of it are not there.
 */

import dns from 'node:dns'
import { appendFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

const { WITNESS = '', WITNESS_NAMES = '{}' } = process.env
const names = JSON.parse(WITNESS_NAMES)
const note = (fact) => appendFileSync(WITNESS, `${JSON.stringify(fact)}\n`)

function addressesOf(host) {
  note({ resolved: host })
  const answers = names[host]
  if (!answers) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' })
  const addresses = answers.length > 1 ? answers.shift() : answers[0]
  return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
}

dns.promises.lookup = async (host, options) => {
  const found = addressesOf(host)
  return options?.all ? found : found[0]
}
dns.lookup = (host, options, done) => {
  const answer = done ?? options
  if (net.isIP(host)) return answer(null, host, net.isIP(host))
  try {
    const found = addressesOf(host)
    if (options?.all) answer(null, found)
    else answer(null, found[0].address, found[0].family)
  } catch (error) {
    answer(error)
  }
}
net.Socket.prototype.connect = function (...given) {
  const [{ host, port, lookup }] = Array.isArray(given[0]) ? given[0] : given
  const refuse = (address) => {
    note({ connecting: { host, port, address } })
    this.destroy(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))
  }
  if (lookup && !net.isIP(host)) lookup(host, {}, (_error, address) => refuse(address))
  else process.nextTick(refuse, host)
  return this
}
syncBuiltinESMExports()
