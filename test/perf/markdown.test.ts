import { describe, expect, it } from 'vitest';
import { lineOfValues } from '../../perf/judge.ts';
import { formatFigure, formatPerfMarkdown, formatSpread } from '../../perf/markdown.ts';
import type { Line, PerfReport } from '../../perf/model.ts';

function report(lines: Line[], over: Partial<PerfReport> = {}): PerfReport {
  return {
    schema: 'ssee-bench/perf/1',
    startedAt: '2030-01-01T00:00:00.000Z',
    command: 'npm run perf',
    machine: {
      cpuModel: 'Z80',
      cpus: 2,
      memoryBytes: 2 ** 34,
      kernel: 'Linux 6.1',
      os: 'Debian',
      loadAverage: [0.1, 0.2, 0.3],
      openFilesHard: null,
      node: 'v20.19.0',
    },
    versions: { wrk: '4.1.0' },
    cpuClock: 'wait4(2)',
    settings: { pairs: 5, durationS: 10, quick: false, full: false },
    complete: true,
    rows: [{ id: 'R1', title: 'Short', tookS: 1, lines, raw: {}, warnings: [] }],
    ...over,
  };
}

const SPEC = {
  row: 'R1',
  name: 'short responses',
  unit: 'us CPU / request',
  goal: { kind: 'at-most', value: 0.9, of: 'ratio' },
} as const;
const MET = lineOfValues(SPEC, 'ssee-tester', [8, 9, 8.5], 'wrk', [10, 10, 10]);
const MISSED = lineOfValues(SPEC, 'ssee-tester', [9.5, 8.9, 9.2], 'wrk', [10, 10, 10]);

/** Cells of the line that begins with a text. */
function cellsOf(markdown: string, start: string): string[] {
  const line = markdown.split('\n').find((text) => text.startsWith(`| ${start}`))!;
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

describe('formatPerfMarkdown', () => {
  it('states goals as met or not met, with both sides and the range of the ratio', () => {
    expect(cellsOf(formatPerfMarkdown(report([MET])), 'short')).toEqual([
      'short responses',
      '8.5 (8 - 9) us CPU / request',
      'wrk: 10',
      '0.85 (0.8 - 0.9)',
      'ratio <= 0.9',
      'met',
    ]);
    const missed = cellsOf(formatPerfMarkdown(report([MISSED])), 'short');
    expect(missed.at(-1)).toBe('not met; the range has both answers');
  });

  it('counts what was met, skipped and failed in its first sentence', () => {
    const skipped: Line = { ...SPEC, state: 'skipped', reason: 'wrk is not in PATH' };
    const failed: Line = { ...SPEC, state: 'failed', reason: 'wrk ended with 1' };
    const text = formatPerfMarkdown(report([MET, MISSED, skipped, failed]));
    expect(text).toContain('1 of 2 goals met, 1 lines skipped, 1 lines failed.');
    expect(text).toContain('skipped: wrk is not in PATH');
    expect(text).toContain('failed: wrk ended with 1');
  });

  it('says when there were too few pairs or the run was cut short', () => {
    const settings = { pairs: 2, durationS: 1, quick: true, full: false };
    const text = formatPerfMarkdown(report([MET], { settings, complete: false }));
    expect(text).toContain('Only 2 pairs each');
    expect(text).toContain('The run was not finished.');
    expect(formatPerfMarkdown(report([MET]))).not.toMatch(/Only|not finished|Warnings/);
  });

  it('warns of a machine that was not quiet, and hands on the warnings of rows', () => {
    const busy = report([MET]);
    busy.machine.loadAverage = [3, 1, 1];
    busy.rows[0]!.warnings.push('wrk fell behind.');
    const text = formatPerfMarkdown(busy);
    expect(text).toContain('- The load average was 3.00 on 2 CPUs');
    expect(text).toContain('- R1, wrk fell behind.');
  });

  it('keeps the table whole whatever a program printed', () => {
    const reason = 'boom | with\na table | and\ttabs';
    const cells = cellsOf(formatPerfMarkdown(report([{ ...SPEC, state: 'failed', reason }])), 'short');
    expect(cells).toHaveLength(6);
    expect(cells[5]).toBe('failed: boom \\| with a table \\| and tabs');
  });

  it('is the same text for the same report', () => {
    expect(formatPerfMarkdown(report([MET, MISSED]))).toBe(formatPerfMarkdown(report([MET, MISSED])));
  });
});

it.each([
  [0, '0'],
  [0.012345, '0.0123'],
  [9.999, '10'],
  [99.94, '99.9'],
  [100, '100'],
  [1_234_567.8, '1,234,568'],
  [-1234, '-1,234'],
])('writes %d as %s', (value, text) => {
  expect(formatFigure(value)).toBe(text);
});

it('leaves out a range of nothing', () => {
  expect(formatSpread({ median: 1, min: 1, max: 1 })).toBe('1');
});
