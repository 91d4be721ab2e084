import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // The npm packages get graphql's CommonJS build from Node; without this, our own sources would get the other one.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 3, // Many tests wait for programs that they started.
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', './test/support/summary-reporter.ts'],
    allowOnly: process.env.CI === undefined,
    setupFiles: ['test/support/property-runs.ts'],
    // Nothing here is a claim about speed: what takes this long hangs, also where a shared machine is slow for a while.
    testTimeout: process.env.FC_RUNS === undefined ? 300_000 : 3_600_000,
    hookTimeout: 300_000,
  },
});
