import { defineConfig } from 'vitest/config'

/** Many nodes at once: on their own, since they need all of the machine. */
export default defineConfig({
  test: { include: ['test/nodes/*.test.ts'], testTimeout: 600_000, hookTimeout: 120_000, env: { TZ: 'UTC' } },
})
