import { expect, it } from 'vitest';
import { runsNewestParser } from '../../perf/newest-parser.ts';

it.each([
  ['20.19.0', false],
  ['22.11.0', false],
  ['22.12.0', true],
  ['24.0.0', true],
])('Node %s runs the newest eventsource-parser: %s', (version, runs) => {
  expect(runsNewestParser(version)).toBe(runs);
});
