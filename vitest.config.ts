import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', 'test/nodes/**'],
    testTimeout: 40_000,
    hookTimeout: 60_000,
    // No module keeps state (house rule 6), so files of tests share processes, which load each module once.
    isolate: false,
    // One more than the cores that are wanted: some tests wait for processes and browsers.
    maxWorkers: 3,
    env: { TZ: 'UTC' },
  },
})
