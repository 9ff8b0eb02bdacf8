import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countResults, formatCounts, isGreen } from '../../scripts/lib/count-results.mjs';
import { ROOT } from '../helpers/run-cli.ts';

function fileOf(status: string, ...statuses: string[]) {
  return { status, assertionResults: statuses.map((each) => ({ status: each })) };
}

describe('countResults', () => {
  it('counts a real report with failing hooks, a file that does not load, skipped and todo tests', () => {
    const text = readFileSync(join(ROOT, 'test/fixtures/vitest/mixed-report.json'), 'utf8');
    expect(countResults(JSON.parse(text), 1)).toEqual({ passed: 2, failed: 3, skipped: 6 });
  });

  it.each([
    ['all pass', [fileOf('passed', 'passed', 'passed')], 0, '2 passed, 0 failed, 0 skipped'],
    [
      'a file did not load',
      [fileOf('passed', 'passed'), fileOf('failed')],
      1,
      '1 passed, 1 failed, 0 skipped',
    ],
    ['a set-up hook threw', [fileOf('failed', 'skipped', 'skipped')], 1, '0 passed, 1 failed, 2 skipped'],
    [
      'a failed test in a failed file is one failure',
      [fileOf('failed', 'failed', 'passed')],
      1,
      '1 passed, 1 failed, 0 skipped',
    ],
    [
      'todo and pending are skipped',
      [fileOf('passed', 'todo', 'pending', 'passed')],
      0,
      '1 passed, 0 failed, 2 skipped',
    ],
    ['an error outside every test', [fileOf('passed', 'passed')], 1, '1 passed, 1 failed, 0 skipped'],
    ['no test ran', [], 0, '0 passed, 0 failed, 0 skipped'],
  ])('%s', (_name, testResults, exitCode, expected) => {
    expect(formatCounts(countResults({ testResults }, exitCode))).toBe(expected);
  });

  it('counts a run that left no report as one failure', () => {
    expect(countResults(undefined, null)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('isGreen', () => {
  it.each([
    ['something passed, nothing else', { passed: 1, failed: 0, skipped: 0 }, false, true],
    ['one failed', { passed: 9, failed: 1, skipped: 0 }, false, false],
    ['one skipped', { passed: 9, failed: 0, skipped: 1 }, false, false],
    ['skipped by a name pattern', { passed: 1, failed: 0, skipped: 9 }, true, true],
    ['nothing ran', { passed: 0, failed: 0, skipped: 0 }, false, false],
  ])('%s', (_name, counts, narrowed, expected) => {
    expect(isGreen(counts, narrowed)).toBe(expected);
  });
});
