import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Comparison } from '../../src/model/comparison.ts';
import { REPORTERS } from '../../src/report/index.ts';
import { sampleComparison } from '../helpers/sample-comparison.ts';

const FORMATS = Object.keys(REPORTERS) as (keyof typeof REPORTERS)[];

test.each([80, 160])('the terminal report at %i columns', async (columns) => {
  await expect(REPORTERS.terminal(sampleComparison(), { columns })).toMatchFileSnapshot(
    `golden/terminal-${columns}.txt`,
  );
});

test('the Markdown report', async () => {
  await expect(REPORTERS.md(sampleComparison(), {})).toMatchFileSnapshot('golden/report.md');
});

test('the CSV report', async () => {
  await expect(REPORTERS.csv(sampleComparison(), {})).toMatchFileSnapshot('golden/comparison.csv');
});

test.each(FORMATS)(
  '%s: the same comparison gives the same bytes, also when read back from JSON',
  (format) => {
    const comparison = sampleComparison();
    const first = REPORTERS[format](comparison, {});
    expect(REPORTERS[format](sampleComparison(), {})).toBe(first);
    const stored = JSON.parse(REPORTERS.json(comparison, {})) as Comparison;
    expect(REPORTERS[format](stored, {})).toBe(first);
  },
);

test.each(FORMATS)('%s ends with one line break', (format) => {
  expect(REPORTERS[format](sampleComparison(), {})).toMatch(/[^\n]\n$/);
});

test.each([60, 80, 100, 120])('no line of a table is wider than %i columns', (columns) => {
  const text = REPORTERS.terminal(sampleComparison(), { columns });
  const tables = text.slice(0, text.indexOf('\n[1]')).split('\n');
  expect(Math.max(...tables.map((line) => line.length))).toBeLessThanOrEqual(columns);
  for (const id of ['wrk', 'hey', 'hey-q10', 'ssee-tester', 'curl']) {
    expect(
      tables.some((line) => line.startsWith(`${id} `)),
      id,
    ).toBe(true);
  }
});

test('the bottleneck stays in the first table when there is no room for all', () => {
  const text = REPORTERS.terminal(sampleComparison(), { columns: 80 });
  const first = text.slice(text.indexOf('\ntool '), text.indexOf('\n\n', text.indexOf('\ntool ')));
  expect(first).toMatch(/bottleneck/);
  expect(first).toMatch(/tool-rate-limited/);
});

test('bold is used on request only', () => {
  expect(REPORTERS.terminal(sampleComparison(), { color: false })).not.toContain('\u001b');
  const bold = REPORTERS.terminal(sampleComparison(), { color: true });
  expect(bold).toContain('\u001b[1m');
  expect(bold.replaceAll('\u001b[1m', '').replaceAll('\u001b[22m', '')).toBe(
    REPORTERS.terminal(sampleComparison(), {}),
  );
});

test('every n/a of the table has its reason below, once', () => {
  const text = REPORTERS.terminal(sampleComparison(), { columns: 160 });
  const used = new Set([...text.matchAll(/(?:n\/a|skipped) \[(\d+)\]/g)].map((match) => match[1]));
  const explained = [...text.matchAll(/^\[(\d+)\] /gm)].map((match) => match[1]);
  expect(used.size).toBeGreaterThan(3);
  expect([...used].sort()).toEqual([...explained].sort());
});

test('the conservation law of each arm that knows any of its terms is printed', () => {
  const text = REPORTERS.terminal(sampleComparison(), { columns: 160 });
  expect(text).toContain('ssee-tester: 65,120 attempted = 65,120 completed + 0 unaccounted');
  expect(text).toMatch(/wrk: n\/a attempted = 65,100 completed/);
});

test('an interval is written as the README says', () => {
  const comparison = sampleComparison();
  comparison.arms[0]!.metrics.timeout_rate = {
    known: true,
    value: 0,
    unit: 'ratio',
    interval: [0, 0.0362],
    definition: 'timeout/1',
  };
  const text = '0 % (max 3.6 %)';
  expect(REPORTERS.md(comparison, {})).toContain(` ${text} |`);
  expect(readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')).toContain(`\`${text}\``);
});

test('the run and each of its rows can be had again, by its own load and with what a row replays', () => {
  const comparison = sampleComparison();
  comparison.arms[1]!.replay = 'wrk';
  comparison.arms[2]!.target.name = 'http://example.com:8080/events';
  const text = REPORTERS.terminal(comparison, {});
  const again = 'npm run bench -- scenarios/sse-100c.yaml';
  const load = '--connections 100 --duration 30s --rounds 1 --allow-remote example.com';
  expect(text.slice(text.indexOf('\nReproduce\n')).split('\n').slice(2, 8)).toEqual([
    `  ${again} ${load}`,
    `  ${again} --tools wrk ${load}`,
    `  ${again} --tools hey,wrk ${load}`,
    `  ${again} --tools hey-q10 ${load}`,
    `  ${again} --tools ssee-tester ${load}`,
    `  ${again} --tools curl ${load}`,
  ]);
});

test.each(['terminal', 'md'] as const)(
  "%s: the tools' command lines keep every blank and line break of their arguments, and are said to be of this run",
  (format) => {
    const comparison = sampleComparison();
    comparison.arms[0]!.trials[0]!.argv = ['wrk', '-H', 'X:  two\nlines\u001b', "it's"];
    const text = REPORTERS[format](comparison, {});
    const executed = text.slice(text.indexOf('as executed'));
    expect(executed).toContain(`wrk -H $'X:  two\\nlines\\033' 'it'\\''s'\n`);
    expect(text.slice(0, text.indexOf('as executed'))).not.toContain('X:  two');
  },
);

/** Text that a hostile or broken server or tool may hand over. */
const HOSTILE = '\u001b[2J=cmd|x\u0007 <img src=x>\r\n| a | b |\u202e `tick` [link](javascript:x) \u009b31m';

function hostileComparison(): Comparison {
  const comparison = sampleComparison();
  const arm = comparison.arms[0]!;
  arm.toolVersion = HOSTILE;
  arm.target.version = HOSTILE;
  arm.caveats = [HOSTILE];
  arm.trials[0]!.reason = HOSTILE;
  arm.trials[0]!.state = 'failed';
  arm.trials[0]!.argv = ['wrk', HOSTILE, '```'];
  arm.metrics.ttfb_us_p50 = { known: false, why: 'no-samples', detail: HOSTILE };
  arm.metrics.events_per_sec = { known: false, why: 'no-samples', detail: HOSTILE };
  arm.findings[0]!.because = [HOSTILE];
  comparison.problems = [HOSTILE];
  comparison.verdict = HOSTILE;
  return comparison;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there are control characters
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

test.each(['terminal', 'md', 'csv'] as const)(
  '%s: control characters of others do not get through',
  (format) => {
    expect(REPORTERS[format](hostileComparison(), {})).not.toMatch(CONTROL);
  },
);

test('Markdown: what others say renders as text', () => {
  const text = REPORTERS.md(hostileComparison(), {});
  const outsideCode = text.slice(0, text.indexOf('## Reproduce'));
  expect(outsideCode).not.toMatch(/<img/);
  expect(outsideCode).not.toMatch(/(?<!\\)\[link/);
  expect(outsideCode).not.toMatch(/(?<!\\)`/);
  const rows = outsideCode.split('\n').filter((line) => line.startsWith('|'));
  expect(rows).toHaveLength(2 + 5);
  const borders = rows.map((row) => row.match(/(?<!\\)\|/g)?.length);
  expect(new Set(borders).size).toBe(1);
});

test('Markdown: what others say does not become a list, a link, a mention or a formula', () => {
  const comparison = sampleComparison();
  comparison.problems = ['1. see http://a.b or www.a.b, @user and $x$', '- a'];
  const lines = REPORTERS.md(comparison, {}).split('\n');
  expect(lines).toContain(
    '- 1\\. see http:<!-- -->//a.b or www<!-- -->.a.b, @<!-- -->user and <span>$</span>x<span>$</span>',
  );
  expect(lines).toContain('- \\- a');
});

test('Markdown: a command with backticks cannot close its block', () => {
  const text = REPORTERS.md(hostileComparison(), {});
  expect(text).toMatch(/^````sh$/m);
  expect(text.trimEnd().endsWith('````')).toBe(true);
});

test('CSV: text that a spreadsheet would run is defused, numbers stay numbers', () => {
  const comparison = sampleComparison();
  const arm = comparison.arms[0]!;
  arm.id = '=HYPERLINK("http://x")';
  arm.metrics.tool_added_ttfb_us = { known: true, value: -12, unit: 'us', definition: 'added-ttfb/1' };
  arm.metrics.ttfb_us_p50 = { known: false, why: 'no-samples', detail: '+1' };
  const lines = REPORTERS.csv(comparison, {}).split('\n');
  expect(lines.some((line) => /(^|,)"?[=+@]/.test(line))).toBe(false);
  expect(lines.find((line) => line.includes('tool_added_ttfb_us'))).toContain(',-12,us,');
});

test('JSON: a number that JSON cannot carry is refused instead of becoming null', () => {
  const comparison = sampleComparison();
  comparison.arms[0]!.metrics.requests_per_sec = {
    known: true,
    value: Number.NaN,
    unit: '1/s',
    definition: 'rps/1',
  };
  expect(() => REPORTERS.json(comparison, {})).toThrow(/NaN|number/);
});
