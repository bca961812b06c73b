import { defineConfig } from 'vitest/config'
import { MUTANT_VARIABLE, mutatedSource, TESTS_VARIABLE } from './sql.js'

/** The tests that a variable names, with one condition of one query left out where another one says so. */
export default defineConfig({
  plugins: [
    {
      name: 'zuko-sql-mutant',
      enforce: 'pre',
      transform: (code, id) => mutatedSource(code, id, process.env[MUTANT_VARIABLE]),
    },
  ],
  test: {
    include: (process.env[TESTS_VARIABLE] ?? '').split(' '),
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
    env: { TZ: 'UTC' },
  },
})
