import type { Connection } from './connection.js'
import type { PrincipalStore } from './types.js'

const BY_ID = `
  SELECT user.disabled_at AS disabledAt, oauth_consent.created_at AS grantedAt
  FROM user
  LEFT JOIN oauth_consent ON oauth_consent.user_id = user.id AND oauth_consent.client_id = ?
  WHERE user.id = ?`

const BY_SUBJECT = `
  SELECT user.id AS userId, user.disabled_at AS disabledAt
  FROM account JOIN user ON user.id = account.user_id
  WHERE account.provider_id = ? AND account.account_id = ?`

export function principalStore({ sqlite, read }: Connection): PrincipalStore {
  const byId = sqlite.prepare<unknown[], { disabledAt: number | null; grantedAt: number | null }>(BY_ID)
  const bySubject = sqlite.prepare<unknown[], { userId: number; disabledAt: number | null }>(BY_SUBJECT)
  return {
    byId: (userId, clientId) =>
      read(() => {
        const row = byId.get(clientId, userId)
        return row && { userId, disabled: row.disabledAt !== null, grantedAt: row.grantedAt ?? undefined }
      }),
    bySubject: (issuer, subject) =>
      read(() => {
        const row = bySubject.get(issuer, subject)
        return row && { userId: row.userId, disabled: row.disabledAt !== null }
      }),
  }
}
