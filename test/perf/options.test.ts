import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { parseOptions } from '../../perf/options.ts';

beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => vi.restoreAllMocks());

it('measures every row in five pairs of ten seconds unless asked otherwise', () => {
  expect(parseOptions([], true)).toEqual({
    rows: ['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8', 'R9', 'R10', 'R11'],
    pairs: 5,
    durationS: 10,
    quick: false,
    full: false,
    soakS: undefined,
    held: [2000],
    out: 'results',
    mayInstall: true,
  });
});

it('holds and soaks longer with --full, shorter with --quick, and as told when told', () => {
  expect(parseOptions(['--full'], true)).toMatchObject({ held: [20_000, 50_000], soakS: 600, pairs: 5 });
  expect(parseOptions(['--quick'], true)).toMatchObject({ held: [500], pairs: 2, durationS: 1 });
  expect(
    parseOptions(['--full', '--held', '100, 200', '--soak', '1m', '--pairs', '3', '--duration', '2s'], true),
  ).toMatchObject({ held: [100, 200], soakS: 60, pairs: 3, durationS: 2 });
});

it('takes rows in any case and gives them in the order of the report', () => {
  expect(parseOptions(['--rows', 'r3, R1'], true)).toMatchObject({ rows: ['R1', 'R3'] });
});

it('prints help with code 0', () => {
  expect(parseOptions(['--help'], true)).toBe(0);
});

it.each([
  ['--rows', 'R12'],
  ['--pairs', '0'],
  ['--pairs', 'x'],
  ['--duration', '500ms'],
  ['--duration', '1.5s'],
  ['--held', '10,,20'],
  ['--unknown', '1'],
])('refuses %s %s with code 2', (...argv) => {
  expect(parseOptions(argv, true)).toBe(2);
});
