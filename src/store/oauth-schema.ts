/** The tables of clients, grants and tokens (better-auth's oauth-provider plugin); see auth-schema.ts. */
import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { session, user } from './auth-schema.js'
import { flag, id, time } from './columns.js'

const userRef = () => integer('user_id').references(() => user.id, { onDelete: 'cascade' })

const clientRef = () =>
  text('client_id')
    .notNull()
    .references(() => oauthClient.clientId, { onDelete: 'cascade' })

export const oauthClient = sqliteTable(
  'oauth_client',
  {
    id: id(),
    clientId: text('client_id').notNull().unique(),
    clientSecret: text('client_secret'),
    clientDiscoveryId: text('client_discovery_id'),
    disabled: flag('disabled').default(false),
    skipConsent: flag('skip_consent'),
    enableEndSession: flag('enable_end_session'),
    subjectType: text('subject_type'),
    scopes: text('scopes'),
    clientCredentialsScopes: text('client_credentials_scopes').default(sql`'[]'`),
    userId: userRef(),
    createdAt: time('created_at'),
    updatedAt: time('updated_at'),
    name: text('name'),
    uri: text('uri'),
    icon: text('icon'),
    contacts: text('contacts'),
    tos: text('tos'),
    policy: text('policy'),
    softwareId: text('software_id'),
    softwareVersion: text('software_version'),
    softwareStatement: text('software_statement'),
    redirectUris: text('redirect_uris').notNull(),
    postLogoutRedirectUris: text('post_logout_redirect_uris'),
    backchannelLogoutUri: text('backchannel_logout_uri'),
    backchannelLogoutSessionRequired: flag('backchannel_logout_session_required'),
    tokenEndpointAuthMethod: text('token_endpoint_auth_method'),
    applicationType: text('application_type'),
    jwks: text('jwks'),
    jwksUri: text('jwks_uri'),
    grantTypes: text('grant_types'),
    responseTypes: text('response_types'),
    requirePKCE: flag('require_pkce'),
    dpopBoundAccessTokens: flag('dpop_bound_access_tokens').default(false),
    referenceId: text('reference_id'),
    metadata: text('metadata'),
  },
  (table) => [index('oauth_client_created').on(table.createdAt)],
)

export const oauthResource = sqliteTable('oauth_resource', {
  id: id(),
  identifier: text('identifier').notNull().unique(),
  name: text('name').notNull(),
  accessTokenTtl: integer('access_token_ttl'),
  refreshTokenTtl: integer('refresh_token_ttl'),
  signingAlgorithm: text('signing_algorithm'),
  signingKeyId: text('signing_key_id'),
  allowedScopes: text('allowed_scopes'),
  customClaims: text('custom_claims'),
  dpopBoundAccessTokensRequired: flag('dpop_bound_access_tokens_required').default(false),
  disabled: flag('disabled').default(false),
  createdAt: time('created_at'),
  updatedAt: time('updated_at'),
  policyVersion: integer('policy_version').default(1),
  metadata: text('metadata'),
})

export const oauthClientResource = sqliteTable(
  'oauth_client_resource',
  {
    id: id(),
    clientId: clientRef(),
    resourceId: text('resource_id')
      .notNull()
      .references(() => oauthResource.identifier, { onDelete: 'cascade' }),
    metadata: text('metadata'),
    createdAt: time('created_at'),
  },
  (table) => [
    uniqueIndex('oauth_client_resource_pair').on(table.clientId, table.resourceId),
    index('oauth_client_resource_resource').on(table.resourceId),
  ],
)

export const oauthRefreshToken = sqliteTable(
  'oauth_refresh_token',
  {
    id: id(),
    token: text('token').notNull().unique(),
    clientId: clientRef(),
    sessionId: integer('session_id').references(() => session.id, { onDelete: 'set null' }),
    userId: userRef().notNull(),
    referenceId: text('reference_id'),
    authorizationCodeId: text('authorization_code_id'),
    resources: text('resources'),
    requestedUserInfoClaims: text('requested_user_info_claims'),
    expiresAt: time('expires_at').notNull(),
    createdAt: time('created_at').notNull(),
    revoked: time('revoked'),
    rotatedAt: time('rotated_at'),
    rotationReplayResponse: text('rotation_replay_response'),
    rotationReplayExpiresAt: time('rotation_replay_expires_at'),
    authTime: time('auth_time'),
    confirmation: text('confirmation'),
    scopes: text('scopes').notNull(),
  },
  (table) => [
    index('oauth_refresh_token_client').on(table.clientId),
    index('oauth_refresh_token_session').on(table.sessionId),
    index('oauth_refresh_token_user').on(table.userId, table.clientId),
    index('oauth_refresh_token_code').on(table.authorizationCodeId),
    index('oauth_refresh_token_expiry').on(table.expiresAt),
  ],
)

export const oauthAccessToken = sqliteTable(
  'oauth_access_token',
  {
    id: id(),
    token: text('token').notNull().unique(),
    clientId: clientRef(),
    sessionId: integer('session_id').references(() => session.id, { onDelete: 'set null' }),
    userId: userRef(),
    referenceId: text('reference_id'),
    authorizationCodeId: text('authorization_code_id'),
    resources: text('resources'),
    requestedUserInfoClaims: text('requested_user_info_claims'),
    refreshId: integer('refresh_id').references(() => oauthRefreshToken.id, { onDelete: 'cascade' }),
    expiresAt: time('expires_at').notNull(),
    createdAt: time('created_at').notNull(),
    revoked: time('revoked'),
    confirmation: text('confirmation'),
    scopes: text('scopes').notNull(),
  },
  (table) => [
    index('oauth_access_token_client').on(table.clientId),
    index('oauth_access_token_session').on(table.sessionId),
    index('oauth_access_token_user').on(table.userId, table.clientId),
    index('oauth_access_token_code').on(table.authorizationCodeId),
    index('oauth_access_token_refresh').on(table.refreshId),
    index('oauth_access_token_expiry').on(table.expiresAt),
  ],
)

/** A grant: what one person allowed one client. Deleting it ends every token that rests on it. */
export const oauthConsent = sqliteTable(
  'oauth_consent',
  {
    id: id(),
    clientId: clientRef(),
    userId: userRef(),
    referenceId: text('reference_id'),
    resources: text('resources'),
    requestedUserInfoClaims: text('requested_user_info_claims'),
    scopes: text('scopes').notNull(),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
  },
  (table) => [
    uniqueIndex('oauth_consent_user_client').on(table.userId, table.clientId),
    index('oauth_consent_client').on(table.clientId),
  ],
)

export const oauthClientAssertion = sqliteTable(
  'oauth_client_assertion',
  { id: text('id').primaryKey(), expiresAt: time('expires_at').notNull() },
  (table) => [index('oauth_client_assertion_expiry').on(table.expiresAt)],
)
