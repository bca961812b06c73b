/** What is mutated, and by which tests the mutants have to be found: small ones that start no program. */
export interface Group {
  name: string
  files: readonly string[]
  tests: readonly string[]
}

/** Mutated by Stryker. */
export const GROUPS: readonly Group[] = [
  {
    name: 'guard',
    files: ['src/serve/guard.ts', 'src/serve/token.ts', 'src/serve/lru.ts'],
    tests: [
      'test/serve/guard.test.ts',
      'test/serve/guard-foreign.test.ts',
      'test/serve/guard-issuer.test.ts',
      'test/serve/guard-rules.test.ts',
      'test/serve/forged-token.test.ts',
      'test/serve/lru.test.ts',
    ],
  },
  {
    name: 'scopes',
    files: ['src/tools/scopes.ts', 'src/scope-names.ts', 'src/serve/admission.ts'],
    tests: ['test/tools/scopes.test.ts', 'test/serve/admission.test.ts'],
  },
  {
    name: 'redirects',
    files: ['src/auth/redirect-uri.ts', 'src/auth/authorization.ts'],
    tests: ['test/auth/redirect-uri.test.ts', 'test/auth/authorization.test.ts'],
  },
  {
    name: 'cache',
    files: ['src/proxy/token-cache.ts'],
    tests: ['test/proxy/token-cache.test.ts', 'test/proxy/kept-logins.test.ts'],
  },
]

/** Whose SQL is mutated: each condition left out, on SQLite. */
export const QUERIES: readonly Group[] = [
  {
    name: 'tenancy',
    files: [
      'src/store/organizations.ts',
      'src/store/members.ts',
      'src/store/task-detail.ts',
      'src/store/task-create.ts',
      'src/store/task-update.ts',
      'src/store/sqlite/task-list.ts',
    ],
    tests: [
      'test/tools/tenancy.test.ts',
      'test/tools/reading.test.ts',
      'test/tools/create-task.test.ts',
      'test/tools/update-task.test.ts',
      'test/store/people.test.ts',
      'test/store/task-list.test.ts',
      'test/store/task-create.test.ts',
      'test/store/task-update.test.ts',
      'test/store/memberships.test.ts',
    ],
  },
  {
    name: 'principals',
    files: ['src/store/principals.ts'],
    tests: ['test/store/principals.test.ts'],
  },
]
