import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../../src/log.js'
import { type OpenStore, openStore } from '../../src/store/open.js'
import { refuseOldServer } from '../../src/store/postgres/refusals.js'
import { onEvery } from '../helpers/databases.js'
import { temporaryFolder } from '../helpers/folder.js'
import { freePort } from '../helpers/program.js'
import { tlsFront } from '../helpers/tls-front.js'

const SECRET = 'not to be shown'

const changed = (url: URL, change: (url: URL) => void): URL => {
  const other = new URL(url)
  change(other)
  return other
}

/** Why a database cannot be opened. */
async function refusal(url: URL): Promise<{ code: string; message: string; fix: string }> {
  const error = await openStore(url).then(
    (store) => store.close(),
    (reason) => reason,
  )
  expect(`${error.message} ${error.fix}`).not.toContain(SECRET)
  return error
}

onEvery(['pglite', 'postgres'], (databases) => {
  let url: URL
  let opened: OpenStore | undefined
  beforeAll(async () => {
    url = (await databases.database()) as URL
  })
  afterEach(async () => {
    await opened?.close()
    opened = undefined
  })

  test('a server that does not answer', async () => {
    const port = await freePort()
    const error = await refusal(
      changed(url, (one) => Object.assign(one, { port: String(port), password: SECRET })),
    )
    expect(error).toMatchObject({
      code: 'UNAVAILABLE',
      message: `The database server ${url.hostname}:${port} does not answer.`,
    })
  })

  test('a host that is not known', async () => {
    const error = await refusal(changed(url, (one) => Object.assign(one, { hostname: 'db.invalid' })))
    expect(error).toMatchObject({ code: 'UNAVAILABLE' })
    expect(error.message).toMatch(/^The host db\.invalid(:\d+)? is not known\.$/)
  })

  test('a schema of a later version', async () => {
    await (await openStore(url)).close()
    await databases.query(`INSERT INTO zuko_migrations (hash, created_at) VALUES ('later', 9999999999999)`)
    const error = await refusal(url)
    await databases.query(`DELETE FROM zuko_migrations WHERE hash = 'later'`)
    expect(error).toMatchObject({
      code: 'FAILED',
      message: 'The database has a schema that this zuko-mcp does not know.',
    })
  })

  test('a user whom row-level security does not hold is warned of, any other is not', async () => {
    const [user] = await databases.query(
      'SELECT rolsuper AS super FROM pg_roles WHERE rolname = current_user',
    )
    const lines: string[] = []
    opened = await openStore(url, { log: createLog('warn', { write: (line: string) => lines.push(line) }) })
    expect(lines.some((line) => line.includes('row-level security does not hold'))).toBe(user?.super)
  })

  describe('with TLS', () => {
    const { folder, remove } = temporaryFolder()
    let front: Awaited<ReturnType<typeof tlsFront>>
    beforeAll(async () => {
      front = await tlsFront(url, folder)
    })
    afterAll(() => {
      front.close()
      remove()
    })

    test.each([
      ['require', '127.0.0.1', false],
      ['verify-ca', '127.0.0.1', true],
      ['verify-full', 'localhost', true],
    ])('sslmode=%s at %s opens', async (sslmode, host, rooted) => {
      const root = rooted ? { sslrootcert: front.rootCert } : {}
      opened = await openStore(front.at(host, { sslmode, ...root }))
      await opened.ping()
    })

    test.each([
      ['verify-full', 'localhost', 'an authority that nobody named', false],
      ['verify-full', '127.0.0.1', 'another name', true],
    ])('sslmode=%s at %s refuses a certificate of %s', async (sslmode, host, _, rooted) => {
      const root = rooted ? { sslrootcert: front.rootCert } : {}
      const error = await refusal(front.at(host, { sslmode, ...root }))
      expect(error.code).toBe('CONFIGURATION')
      expect(error.message).toMatch(/^The certificate of .* cannot be verified\.$/)
    })

    test('a file of the authority that is not there', async () => {
      const error = await refusal(front.at('localhost', { sslmode: 'verify-full', sslrootcert: '/nowhere' }))
      expect(error).toMatchObject({
        code: 'CONFIGURATION',
        message: 'A file that DATABASE_URL names for TLS cannot be read.',
      })
    })
  })
})

onEvery(['pglite'], (databases) => {
  let at: URL
  beforeAll(async () => {
    at = (await databases.database()) as URL
  })

  test('a server without TLS, where it is asked for', async () => {
    const url = changed(at, (one) => one.searchParams.set('sslmode', 'require'))
    expect(await refusal(url)).toMatchObject({
      code: 'CONFIGURATION',
      message: `The server ${url.host} does not offer TLS.`,
    })
  })
})

onEvery(['postgres'], (databases) => {
  test('a wrong password', async () => {
    const at = (await databases.database()) as URL
    const error = await refusal(changed(at, (one) => Object.assign(one, { password: SECRET })))
    expect(error).toMatchObject({
      code: 'CONFIGURATION',
      message: `The database postgres://${at.host}${at.pathname} refuses the user.`,
    })
  })

  test('no password where one is asked for', async () => {
    const at = (await databases.database()) as URL
    const error = await refusal(changed(at, (one) => Object.assign(one, { password: '' })))
    expect(error).toMatchObject({ code: 'CONFIGURATION' })
    expect(error.message).toMatch(/refuses the user\.$/)
  })

  test('a database that does not exist', async () => {
    const at = (await databases.database()) as URL
    const error = await refusal(changed(at, (one) => Object.assign(one, { pathname: '/nowhere' })))
    expect(error).toMatchObject({
      code: 'CONFIGURATION',
      message: `The database postgres://${at.host}/nowhere does not exist.`,
    })
  })
})

test('a server that is too old', () => {
  expect(() => refuseOldServer(120_022)).toThrow('The database server is PostgreSQL 12.')
  expect(() => refuseOldServer(130_000)).not.toThrow()
})
