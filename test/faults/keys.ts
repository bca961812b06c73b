import type { RequestListener } from 'node:http'
import { listen } from '../helpers/http.js'
import { accessClaims, createSigner, type Signer } from '../helpers/tokens.js'
import { createCaller, pause } from './calls.js'
import { type Ground, onGround } from './ground.js'

const set = (signer: Signer) => JSON.stringify({ keys: [{ ...signer.publicJwk, kid: signer.kid }] })
const json = { 'content-type': 'application/json' }

/** What a key server may do instead of giving its keys. `other` signs for somebody else. */
const lies = (other: Signer): Record<string, RequestListener> => ({
  'says 500': (_req, res) => void res.writeHead(500).end(),
  'never answers': () => {},
  'hangs up': (req) => void req.socket.destroy(),
  'shows a page': (_req, res) =>
    void res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Sign in</h1>'),
  'sends 5 MiB': (_req, res) => void res.writeHead(200, json).end(Buffer.alloc(5 * 2 ** 20, ' ')),
  'sends half': (_req, res) => void res.writeHead(200, json).end('{"keys":['),
  'leads elsewhere': (_req, res) => void res.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  'has no keys': (_req, res) => void res.writeHead(200, json).end('{"keys":[]}'),
  "has another's keys": (_req, res) => void res.writeHead(200, json).end(set(other)),
})

async function withServer<Figures extends object>(
  ground: Ground,
  work: (set: (listener: RequestListener) => void) => Promise<Figures>,
) {
  let listener: RequestListener = (req) => void req.socket.destroy()
  let asked = 0
  const keys = await listen((req, res) => {
    asked++
    listener(req, res)
  })
  const { BETTER_AUTH_SECRET: _, ...env } = ground.env
  const given = { ...env, BETTER_AUTH_URL: keys.origin }
  const server = await ground.start({ args: ['--role', 'mcp', '--port', String(ground.port)], env: given })
  try {
    const figures = await work((next) => {
      listener = next
    })
    return { ...figures, asked, exitCode: await server.stop() }
  } finally {
    await keys.close()
  }
}

/** R9: the key server is away at the start, comes, and then misbehaves in every way, again and again. */
export const lyingKeyServer = ({ calls }: { calls: number }) =>
  onGround(async (ground) => {
    const [signer, other] = [await createSigner(), await createSigner()]
    const claims = accessClaims(ground.base, new Date())
    const known = createCaller(ground.base, await signer.sign(claims))
    const strange = createCaller(ground.base, await signer.sign(claims, { kid: 'nobody-has-this' }))
    const call = async (caller: typeof known) => (await caller.call('list_organizations')).status
    return withServer(ground, async (behave) => {
      const early = { call: await call(known), ready: (await known.get('/readyz')).status }
      behave((_req, res) => void res.writeHead(200, json).end(set(signer)))
      let healed = 0
      for (let count = 0; count < 50 && healed !== 200; count++) {
        await pause(100)
        healed = await call(known)
      }
      const figures = { ways: 0, knownRefused: 0, strangeAccepted: 0, failed: 0, slowestMs: 0 }
      for (const listener of Object.values(lies(other))) {
        behave(listener)
        figures.ways++
        for (let count = 0; count < calls; count++) {
          const begun = performance.now()
          const [good, bad] = await Promise.all([call(known), call(strange)])
          if (good !== 200) figures.knownRefused++
          if (bad === 200) figures.strangeAccepted++
          if (![401, 503, 429].includes(bad)) figures.failed++
          figures.slowestMs = Math.max(figures.slowestMs, Math.round(performance.now() - begun))
        }
      }
      known.close()
      strange.close()
      return { early: `${early.call} ${early.ready}`, healed, ...figures }
    })
  })
