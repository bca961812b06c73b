import type { RequestListener } from 'node:http'
import { listen } from '../helpers/http.js'
import { accessClaims, createSigner, type Signer } from '../helpers/tokens.js'
import { type Caller, createCaller, pause } from './calls.js'
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

interface Behaviour {
  listener: RequestListener
  asked: number
}

/** One server of role `mcp`, and what answers in the place of its key server. */
async function withServer(ground: Ground, work: (keys: Behaviour) => Promise<void>): Promise<void> {
  const keys: Behaviour = { listener: (req) => void req.socket.destroy(), asked: 0 }
  const listening = await listen((req, res) => {
    keys.asked++
    keys.listener(req, res)
  })
  const { BETTER_AUTH_SECRET: _, ...env } = ground.env
  const args = ['--role', 'mcp', '--port', String(ground.port)]
  const server = await ground.start({ args, env: { ...env, BETTER_AUTH_URL: listening.origin } })
  try {
    await work(keys)
  } finally {
    await server.stop()
    await listening.close()
  }
}

/** R9: a key server that is away at the start, then comes, and then misbehaves; each way with another server. */
export const lyingKeyServer = ({ calls, ways }: { calls: number; ways: number }) =>
  onGround(async (ground) => {
    const [signer, other] = [await createSigner(), await createSigner()]
    const claims = accessClaims(ground.base, new Date())
    const tokens = [await signer.sign(claims), await signer.sign(claims, { kid: 'nobody-has-this' })] as const
    const figures = { ways: 0, startedBlind: 0, neverHealed: 0, neverAsked: 0 }
    const answers = { knownRefused: 0, strangeAccepted: 0, failed: 0, slowestMs: 0 }
    for (const listener of Object.values(lies(other)).slice(0, ways)) {
      await withServer(ground, async (keys) => {
        const [known, strange] = tokens.map((token) => createCaller(ground.base, token)) as [Caller, Caller]
        const call = async (caller: Caller) => (await caller.call('list_organizations')).status
        figures.ways++
        if ((await call(known)) === 503) figures.startedBlind++
        keys.listener = (_req, res) => void res.writeHead(200, json).end(set(signer))
        let healed = 0
        for (let count = 0; count < 50 && healed !== 200; count++) {
          await pause(100)
          healed = await call(known)
        }
        if (healed !== 200) figures.neverHealed++
        const before = keys.asked
        keys.listener = listener
        for (let count = 0; count < calls; count++) {
          const begun = performance.now()
          const [good, bad] = await Promise.all([call(known), call(strange)])
          if (good !== 200) answers.knownRefused++
          if (bad === 200) answers.strangeAccepted++
          if (![401, 503, 429].includes(bad)) answers.failed++
          answers.slowestMs = Math.max(answers.slowestMs, Math.round(performance.now() - begun))
        }
        if (keys.asked === before) figures.neverAsked++
        known.close()
        strange.close()
      })
    }
    return { ...figures, ...answers }
  })
