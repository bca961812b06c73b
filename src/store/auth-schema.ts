/**
 * The tables of the authorization server (better-auth 1.7.5 with its jwt, organization and oauth-provider
 * plugins), in drizzle's words. Property names are the field names better-auth asks for; lists and JSON
 * travel as text, as its SQLite adapter writes them.
 */
import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

const id = () => integer('id').primaryKey({ autoIncrement: true })
const time = (name: string) => integer(name, { mode: 'timestamp_ms' })
const flag = (name: string) => integer(name, { mode: 'boolean' })
const userRef = () => integer('user_id').references(() => user.id, { onDelete: 'cascade' })

export const user = sqliteTable('user', {
  id: id(),
  name: text('name').notNull(),
  email: text('email').notNull().unique(),
  emailVerified: flag('email_verified').notNull().default(false),
  image: text('image'),
  disabledAt: time('disabled_at'),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
})

export const session = sqliteTable(
  'session',
  {
    id: id(),
    expiresAt: time('expires_at').notNull(),
    token: text('token').notNull().unique(),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    userId: userRef().notNull(),
    activeOrganizationId: text('active_organization_id'),
  },
  (table) => [index('session_user').on(table.userId), index('session_expiry').on(table.expiresAt)],
)

export const account = sqliteTable(
  'account',
  {
    id: id(),
    accountId: text('account_id').notNull(),
    providerId: text('provider_id').notNull(),
    userId: userRef().notNull(),
    accessToken: text('access_token'),
    refreshToken: text('refresh_token'),
    idToken: text('id_token'),
    accessTokenExpiresAt: time('access_token_expires_at'),
    refreshTokenExpiresAt: time('refresh_token_expires_at'),
    scope: text('scope'),
    password: text('password'),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
  },
  (table) => [
    index('account_user').on(table.userId),
    uniqueIndex('account_subject').on(table.providerId, table.accountId),
  ],
)

export const verification = sqliteTable(
  'verification',
  {
    id: id(),
    identifier: text('identifier').notNull(),
    value: text('value').notNull(),
    expiresAt: time('expires_at').notNull(),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
  },
  (table) => [
    index('verification_identifier').on(table.identifier),
    index('verification_expiry').on(table.expiresAt),
  ],
)

/** Signing keys. `id` is the `kid`: the key's own thumbprint, so that no other key ever carries it. */
export const jwks = sqliteTable('jwks', {
  id: text('id').primaryKey(),
  publicKey: text('public_key').notNull(),
  privateKey: text('private_key').notNull(),
  createdAt: time('created_at').notNull(),
  expiresAt: time('expires_at'),
  alg: text('alg'),
  crv: text('crv'),
})

export const organization = sqliteTable('organization', {
  id: id(),
  name: text('name').notNull(),
  slug: text('slug').notNull().unique(),
  logo: text('logo'),
  createdAt: time('created_at').notNull(),
  metadata: text('metadata'),
})

export const member = sqliteTable(
  'member',
  {
    id: id(),
    organizationId: integer('organization_id')
      .notNull()
      .references(() => organization.id, { onDelete: 'cascade' }),
    userId: userRef().notNull(),
    role: text('role').notNull().default('member'),
    createdAt: time('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('member_user_organization').on(table.userId, table.organizationId),
    index('member_organization').on(table.organizationId),
  ],
)

export const invitation = sqliteTable(
  'invitation',
  {
    id: id(),
    organizationId: integer('organization_id')
      .notNull()
      .references(() => organization.id, { onDelete: 'cascade' }),
    email: text('email').notNull(),
    role: text('role'),
    status: text('status').notNull().default('pending'),
    expiresAt: time('expires_at').notNull(),
    createdAt: time('created_at').notNull(),
    inviterId: integer('inviter_id')
      .notNull()
      .references(() => user.id, { onDelete: 'cascade' }),
  },
  (table) => [
    index('invitation_organization').on(table.organizationId),
    index('invitation_email').on(table.email),
  ],
)

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

export const rateLimit = sqliteTable(
  'rate_limit',
  {
    id: id(),
    key: text('key').notNull().unique(),
    count: integer('count').notNull(),
    lastRequest: integer('last_request').notNull(),
  },
  (table) => [index('rate_limit_last_request').on(table.lastRequest)],
)
