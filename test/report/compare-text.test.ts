import { expect, test } from 'vitest';
import { compareSides } from '../../src/gate/compare-sides.ts';
import { judgeGate } from '../../src/gate/judge-gate.ts';
import type { GateResult, RunComparison, RunSide } from '../../src/model/gate.ts';
import {
  reportCompareMarkdown,
  reportCompareTerminal,
  reportGateMarkdown,
  reportGateTerminal,
} from '../../src/report/compare-text.ts';
import { gateSchema, runComparisonSchema } from '../../src/report/gate-schema.ts';
import { DEFAULT_GATE } from '../../src/scenario/gate-defaults.ts';
import { around, makeKey, makeSide, makeSideArm } from '../helpers/sides.ts';

function side(label: string, factor: number, hits: number, key = makeKey()): RunSide {
  const slow = around(46_000 * factor, 0.02);
  slow[3]! *= 1.6;
  return makeSide(
    label,
    [
      makeSideArm(
        { requests_per_sec: around(2170 / factor, 0.02), stream_us_p50: slow, failure_rate: [hits / 65_000] },
        { shares: { failure_rate: { hits, total: 65_000 } } },
      ),
      makeSideArm(
        { requests_per_sec: around(995, 0.01), ...(factor === 1 ? { ttfe_us_p50: around(620, 0.05) } : {}) },
        {
          id: 'hey-q10',
          name: 'hey-q10',
          ...(factor === 1 ? {} : { invariants: [{ name: 'server-resets', count: 3, by: 'the wire' }] }),
        },
      ),
    ],
    { key },
  );
}

const comparison = (): RunComparison =>
  compareSides(side('results/a', 1, 0), side('results/b', 1.2, 2000, makeKey({ tools: { wrk: '4.2.0' } })));

const gate = (): GateResult =>
  judgeGate({
    base: side('results/a@main', 1, 0),
    head: side('results/a@next', 1.2, 2000),
    control: side('results/a@again', 1, 0),
    spec: DEFAULT_GATE,
    noBaseline: [],
  });

test.each([80, 120])('a comparison on a terminal of %i columns', async (columns) => {
  const text = reportCompareTerminal(comparison(), { columns });
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
  await expect(text).toMatchFileSnapshot(`golden/compare-${columns}.txt`);
});

test('a comparison in Markdown', async () => {
  await expect(reportCompareMarkdown(comparison())).toMatchFileSnapshot('golden/compare.md');
});

test('a gate on a terminal', async () => {
  await expect(reportGateTerminal(gate(), { columns: 110 })).toMatchFileSnapshot('golden/gate-110.txt');
});

test('a gate in Markdown', async () => {
  await expect(reportGateMarkdown(gate())).toMatchFileSnapshot('golden/gate.md');
});

test('both keep to their published schemas', () => {
  expect(() => runComparisonSchema.parse(comparison())).not.toThrow();
  expect(() => gateSchema.parse(gate())).not.toThrow();
});

const HOSTILE = '\u001b[2J=cmd|x\u0007 <img src=x>\r\n| a | b |\u202e `tick` [link](javascript:x) \u009b31m';

test('names from outside arrive harmless', () => {
  const hostile = compareSides(
    makeSide(HOSTILE, [makeSideArm({ requests_per_sec: around(10, 0.1) }, { id: HOSTILE, name: HOSTILE })]),
    makeSide(HOSTILE, [
      makeSideArm({ requests_per_sec: around(10, 0.1) }, { id: HOSTILE, name: HOSTILE, invalid: [HOSTILE] }),
    ]),
  );
  const terminal = reportCompareTerminal(hostile, { columns: 200 });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
  expect(terminal).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  const markdown = reportCompareMarkdown(hostile);
  expect(markdown).not.toMatch(/<img|[^\\]`tick|[^\\]\[link/);
  const table = markdown.split('\n').filter((line) => line.startsWith('| '));
  expect(table.every((line) => line.replaceAll('\\|', '').split('|').length === 9)).toBe(true);
});

test('bold is used on request only', () => {
  expect(reportGateTerminal(gate(), {})).not.toContain('\u001b');
  expect(reportGateTerminal(gate(), { color: true })).toContain('\u001b[1m');
});
