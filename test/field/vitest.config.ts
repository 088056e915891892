import { defineConfig } from 'vitest/config'

/** Runs the real cases of the field, which lie outside the project; see test/field/cases.ts. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/field/**/*.test.ts'],
    globalSetup: ['test/support/global-postgres.ts'],
    // Files wait for their databases more than they compute.
    maxWorkers: 3,
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
})
