import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    exclude: ['test/field/**', 'node_modules/**'],
    globalSetup: ['test/support/global-postgres.ts'],
    // A test that waits for a database or a browser is slow on a busy machine, not wrong.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
