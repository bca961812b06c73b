import type { Engine } from './engine.js'
import { hold } from './lock.js'
import { statement, type Work } from './statement.js'
import type { KeyStore, StoredKey } from './types.js'

type Row = Omit<StoredKey, 'createdAt' | 'expiresAt'> & { createdAt: number; expiresAt: number | null }

const all = statement<Row>(`
  SELECT id, public_key AS "publicKey", private_key AS "privateKey", created_at AS "createdAt",
         expires_at AS "expiresAt", alg, crv
  FROM jwks ORDER BY created_at DESC, id DESC`)
const insert = statement<unknown, { [Column in keyof Row]: Row[Column] }>(`
  INSERT INTO jwks (id, public_key, private_key, created_at, expires_at, alg, crv)
  VALUES (@id, @publicKey, @privateKey, @createdAt, @expiresAt, @alg, @crv)`)
const waiting = statement<unknown, { now: number }>('SELECT 1 AS waiting FROM jwks WHERE created_at > @now')
const removed = statement<{ id: string }>('DELETE FROM jwks RETURNING id')
const retire = statement<unknown, { id: string; at: number }>(`
  UPDATE jwks SET expires_at = @at WHERE id <> @id AND (expires_at IS NULL OR expires_at > @at)`)

const rowOf = (key: StoredKey): Row => ({
  ...key,
  createdAt: key.createdAt.getTime(),
  expiresAt: key.expiresAt?.getTime() ?? null,
})

const keyOf = (row: Row): StoredKey => ({
  ...row,
  createdAt: new Date(row.createdAt),
  expiresAt: row.expiresAt === null ? null : new Date(row.expiresAt),
})

function* rotate(key: StoredKey, now: number): Work<boolean> {
  yield* hold.run({ name: 'zuko-mcp: keys' })
  if (yield* waiting.first({ now })) return false
  yield* insert.run(rowOf(key))
  yield* retire.run({ id: key.id, at: key.createdAt.getTime() })
  return true
}

function* clear(): Work<{ id: string }[]> {
  yield* hold.run({ name: 'zuko-mcp: keys' })
  return yield* removed.all({})
}

export const keyStore = (engine: Engine): KeyStore => ({
  list: async () => (await engine.read('operator', () => all.all({}))).map(keyOf),
  add: async (key) => void (await engine.write('operator', () => insert.run(rowOf(key)))),
  rotate: (key, now) => engine.write('operator', () => rotate(key, now)),
  clear: async () => (await engine.write('operator', clear)).length,
})
