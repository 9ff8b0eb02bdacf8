import { defineConfig } from 'vitest/config';

const END_TO_END = 'test/e2e/**/*.test.ts';
/** End-to-end tests that wait for most of their time and compare no rates: two of them do not disturb each other. */
const WAITING = ['calibrate', 'failures', 'interrupt', 'killed-faults', 'live', 'perf', 'profile'].map(
  (name) => `test/e2e/${name}.test.ts`,
);

/** Three projects in one run: all else first, then the end-to-end tests that bear neighbours, then the others one by one. */
export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: [END_TO_END],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e-waiting',
          include: WAITING,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          // They load the machine and compare what several programs say about it: neighbours would disturb.
          name: 'e2e',
          include: [END_TO_END],
          exclude: WAITING,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
