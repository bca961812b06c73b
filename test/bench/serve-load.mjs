// The load generator: requests written once as bytes, sent over connections that stay open, answers counted.
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'

const END_OF_HEADERS = '\r\n\r\n'
const END_OF_CHUNKS = Buffer.from('0\r\n\r\n')

/** The whole length of an answer that says it; undefined for one in chunks. */
function lengthOf(head, headEnd) {
  const length = /content-length: *(\d+)/i.exec(head)?.[1]
  return length === undefined ? undefined : headEnd + END_OF_HEADERS.length + Number(length)
}

/** One connection: `ask` sends one request, and answers what came back. */
export async function open(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  let waiting
  let chunks = []
  let received = 0
  let head
  let expected
  const settle = () => {
    const { resolve, reject } = waiting
    const answer = Buffer.concat(chunks)
    ;[chunks, received, waiting, head] = [[], 0]
    if (answer.subarray(9, 12).toString() === '200') resolve(answer)
    else reject(new Error(`A call was answered: ${answer.toString().slice(0, 600)}`))
  }
  socket.on('data', (chunk) => {
    chunks.push(chunk)
    received += chunk.length
    if (head === undefined) {
      const text = Buffer.concat(chunks).toString('latin1')
      const at = text.indexOf(END_OF_HEADERS)
      if (at < 0) return
      head = text.slice(0, at)
      expected = lengthOf(head, at)
    }
    if (expected === undefined ? chunk.subarray(-5).equals(END_OF_CHUNKS) : received >= expected) settle()
  })
  const fail = (error) => waiting?.reject(error ?? new Error('The server closed a connection.'))
  socket.on('error', fail).on('close', () => fail())
  return {
    ask: (bytes) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        if (socket.destroyed) fail()
        else socket.write(bytes)
      }),
    close: () => socket.destroy(),
  }
}

/** Asks the same `count` times over all connections. Times are in milliseconds. */
export async function load({ connections, bytes, count }) {
  const times = []
  let left = count
  const begun = performance.now()
  const work = async ({ ask }) => {
    while (left-- > 0) {
      const at = performance.now()
      await ask(bytes)
      times.push(performance.now() - at)
    }
  }
  await Promise.all(connections.map(work))
  return { times, ms: performance.now() - begun }
}

export const openMany = (port, count) => Promise.all(Array.from({ length: count }, () => open(port)))

const childrenOf = (pid) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
const family = (pid) => [pid, ...childrenOf(pid).flatMap(family)]

/** The processor time of a process, its threads and its children so far, in microseconds. */
export const cpuOf = (pid) =>
  family(pid)
    .flatMap((one) =>
      readdirSync(`/proc/${one}/task`).map((thread) => `/proc/${one}/task/${thread}/schedstat`),
    )
    .reduce((sum, file) => sum + Number(readFileSync(file, 'utf8').split(' ')[0]) / 1000, 0)

/** The resident memory of a process and its children, in MiB. */
export const memoryOf = (pid) =>
  family(pid).reduce(
    (sum, one) =>
      sum + Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${one}/status`, 'utf8'))?.[1]) / 1024,
    0,
  )

export const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * q)]
export const median = (values) => quantile(values, 0.5)
/** The middle of some figures, and between which two its middle half lies. */
export const spread = (values) => ({
  median: median(values),
  low: quantile(values, 0.25),
  high: quantile(values, 0.75),
})
