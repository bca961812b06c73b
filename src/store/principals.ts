import type { Engine } from './engine.js'
import { statement } from './statement.js'
import type { PrincipalStore } from './types.js'

interface Row {
  userId: number
  disabledAt: number | null
}

const byId = statement<Row & { grantedAt: number | null }, { userId: number; clientId: string }>(`
  SELECT person.id AS "userId", person.disabled_at AS "disabledAt", consent.created_at AS "grantedAt"
  FROM "user" AS person
  LEFT JOIN oauth_consent AS consent ON consent.user_id = person.id AND consent.client_id = @clientId
  WHERE person.id = @userId`)

const bySubject = statement<Row, { issuer: string; subject: string }>(`
  SELECT person.id AS "userId", person.disabled_at AS "disabledAt"
  FROM account JOIN "user" AS person ON person.id = account.user_id
  WHERE account.provider_id = @issuer AND account.account_id = @subject`)

const principal = ({ userId, disabledAt }: Row) => ({ userId, disabled: disabledAt !== null })

export const principalStore = (engine: Engine): PrincipalStore => ({
  async byId(userId, clientId) {
    const row = await engine.read('operator', () => byId.first({ userId, clientId }))
    return row && { ...principal(row), grantedAt: row.grantedAt ?? undefined }
  },
  async bySubject(issuer, subject) {
    const row = await engine.read('operator', () => bySubject.first({ issuer, subject }))
    return row && principal(row)
  },
})
