import { defineConfig } from 'vitest/config';

const EXCLUSIVE = 'test/e2e/**/*.test.ts';

/** Two projects in one run: everything else first, then the end-to-end tests one file at a time. */
export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: [EXCLUSIVE],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          // They load the machine and compare what several programs say about it: neighbours would disturb.
          name: 'e2e',
          include: [EXCLUSIVE],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
