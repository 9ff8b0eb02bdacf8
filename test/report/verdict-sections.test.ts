import { describe, expect, it } from 'vitest';
import type { GateResult } from '../../src/model/gate.ts';
import { reportMarkdown } from '../../src/report/markdown.ts';
import { reportTerminal } from '../../src/report/terminal.ts';
import { gatedComparison } from '../helpers/gated-comparison.ts';
import { sampleComparison } from '../helpers/sample-comparison.ts';

/** The part of a Markdown report below one head. */
function sectionOf(text: string, title: string): string {
  const [, rest = ''] = text.split(`\n## ${title}\n`);
  return rest.split('\n## ')[0]!;
}

/** Cells of the rows of the only table of a Markdown text, without its head. */
function rowsOf(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

describe('the promises in a report', () => {
  const slo = (text: string): string => sectionOf(text, 'Promises (slo)');

  it('are a row each: verdict, tool, promise, value with its spread, and line', () => {
    expect(rowsOf(slo(reportMarkdown(gatedComparison())))).toEqual([
      [
        'pass',
        'ssee-tester',
        'ttfe_us_p99 at most 5 ms',
        '3.9 ms (rounds: 3.7 ms to 4.2 ms)',
        'scenarios/x.yaml:31',
      ],
      [
        'FAIL',
        'ssee-tester',
        'ttfe_us_p50 at most 500 us',
        '620 us (rounds: 600 us to 650 us)',
        'scenarios/x.yaml:32',
      ],
      ['not-observable', 'wrk', 'ttfe_us_p99 at most 5 ms', 'n/a', 'scenarios/x.yaml:33'],
    ]);
  });

  it('that were not kept have a sentence with their place', () => {
    const text = slo(reportMarkdown(gatedComparison()));
    expect(text).toContain('- scenarios/x.yaml:32:5: ssee-tester: ttfe_us_p50 is 620 us, more than 500 us');
    expect(text).not.toContain('x.yaml:31:5');
  });

  it('of a rate have its 95 % interval', () => {
    const comparison = gatedComparison();
    comparison.slo = [
      {
        ...comparison.slo[0]!,
        metric: 'failure_rate',
        unit: 'ratio',
        max: 0.01,
        value: 0,
        interval: { bounds: [0, 0.036], of: '95 %' },
      },
    ];
    expect(rowsOf(slo(reportMarkdown(comparison)))[0]).toEqual([
      'pass',
      'ssee-tester',
      'failure_rate at most 1 %',
      '0 % (95 %: 0 % to 3.6 %)',
      'scenarios/x.yaml:31',
    ]);
  });
});

describe('the gate in a report', () => {
  const gate = (text: string): string => sectionOf(text, 'Gate');

  it('is a row per figure: shift with interval, noise floor, corrected p, verdict', () => {
    expect(rowsOf(gate(reportMarkdown(gatedComparison())))[0]).toEqual([
      'ssee-tester',
      'ttfe_us_p99',
      '2 ms',
      '2.42 ms',
      '\\+21 % (+19 to +23)',
      '3 %',
      '0.024',
      'worse',
    ]);
  });

  it('gives the reason of every verdict in words, invariants with their share, and what limits the row', () => {
    const text = gate(reportMarkdown(gatedComparison()));
    expect(text).toContain('worse, ttfe_us_p99 went from 2 ms to 2.42 ms');
    expect(text).toContain('same, ttfb_us_p50 went from 2 ms to 2.001 ms');
    expect(text).toContain('3 lost-events among 3,000 events (0.1 %), counted by ssee-tester (base: 0)');
    expect(text).toContain('ssee-tester: slow-handler (base: stream-paced). The handler takes its time.');
  });

  it.each([
    [null, 'stream-paced, which base does not have. They last 55 ms.'],
    ['They last 46 ms.', 'stream-paced, as in base. Head: They last 55 ms. Base: They last 46 ms.'],
  ])('names size and finding of an alarm, and what base says of it: %s', (base, said) => {
    const comparison = gatedComparison();
    const { cells } = comparison.gate as GateResult;
    cells[0]!.finding = { code: 'stream-paced', sentence: 'They last 55 ms.', base };
    const text = reportTerminal(comparison, { columns: 120 }).replaceAll(/\s+/g, ' ');
    expect(text).toContain(`ssee-tester ttfe_us_p99 +21 % (+19 to +23): ${said}`);
    expect(text).toContain(
      'ssee-tester 3 lost-events among 3,000 events (0.1 %), counted by ssee-tester: unproven. No finding',
    );
    expect(text).not.toContain('ssee-tester ttfe_us_p50 +');
  });

  it('shows a fall as a fall, whichever way is better', () => {
    const comparison = gatedComparison();
    const { cells } = comparison.gate as GateResult;
    Object.assign(cells[0]!, { metric: 'requests_per_sec', unit: '1/s', better: 'higher' });
    expect(rowsOf(gate(reportMarkdown(comparison)))[0]![4]).toBe('\\-21 % (-23 to -19)');
  });
});

it.each([60, 80, 120, 160])('both fit a terminal of %i columns and lose no verdict', (columns) => {
  const text = reportTerminal(gatedComparison(), { columns });
  const [, verdicts = ''] = text.split('\nPromises (slo)\n');
  const own = verdicts.split('\nWhat limits each row\n')[0]!.split('\n');
  expect(own.filter((line) => line.length > columns)).toEqual([]);
  expect(own.join(' ').replaceAll(/ +/g, ' ')).toContain('620 us (rounds: 600 us to 650 us)');
  expect(own.join(' ').replaceAll(/ +/g, ' ')).toMatch(/\+21 % \(\+19 to \+23\).* 3 %.* 0\.024/);
  expect(own.join('\n')).toMatch(/^ {2}FAIL +ssee-tester +ttfe_us_p50 at most 500 us/m);
  expect(own.join('\n')).toMatch(/^ {2}ssee-tester +ttfe_us_p99 +2 ms +2\.42 ms .*worse$/m);
});

it('a report without promises and gate has neither section', () => {
  const text = reportMarkdown(sampleComparison());
  expect(text).not.toMatch(/^## (Promises|Gate)/m);
});

const HOSTILE = '\u001b[2J=cmd|x\u0007 <img src=x>\r\n| a | b |\u202e `tick` [link](javascript:x) \u009b31m';

it('text from outside arrives harmless in both', () => {
  const comparison = gatedComparison();
  for (const result of comparison.slo) {
    Object.assign(result, { arm: HOSTILE, sentence: HOSTILE, file: HOSTILE });
  }
  const gate = comparison.gate as GateResult;
  gate.sentence = HOSTILE;
  gate.base = HOSTILE;
  const finding = { code: HOSTILE, sentence: HOSTILE, base: HOSTILE };
  for (const cell of gate.cells) Object.assign(cell, { arm: HOSTILE, why: HOSTILE, finding });
  for (const broken of gate.invariants) Object.assign(broken, { arm: HOSTILE, by: HOSTILE, finding });
  gate.findings = [{ arm: HOSTILE, base: null, head: HOSTILE, sentence: HOSTILE }];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
  expect(reportTerminal(comparison)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  const markdown = reportMarkdown(comparison);
  expect(markdown).not.toMatch(/<img|[^\\]`tick|[^\\]\[link/);
  for (const title of ['Promises (slo)', 'Gate']) {
    const widths = sectionOf(markdown, title)
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .map((line) => line.replaceAll('\\|', '').split('|').length);
    expect(new Set(widths).size).toBe(1);
  }
});
