// Keeps one login after another, as fast as it can, until it is killed: `node token-writer.mjs BUILD DIRECTORY`.
import { pathToFileURL } from 'node:url'

const [, , build, directory] = process.argv
const { openTokenCache } = await import(pathToFileURL(`${build}/proxy/token-cache.js`).href)
const url = new URL('https://crm.example/api/mcp')
const cache = openTokenCache({ url, profile: 'default', directory, store: 'file', say: () => {} })
for (let round = 0; ; round++) {
  await cache.save(
    {
      loginId: `${process.pid}`,
      url: url.href,
      profile: 'default',
      resource: url.href,
      issuer: 'https://crm.example/auth',
      clientId: 'client',
      tokenEndpoint: 'https://crm.example/auth/token',
      accessToken: 'a'.repeat(1 + ((round * 997) % 9000)),
      obtainedAt: round,
    },
    'login',
  )
  if (round === 0) process.send('writing')
}
