import Ajv from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePrometheusText } from '../../src/evidence/prometheus-text.ts';
import { METRIC_IDS } from '../../src/model/metrics.ts';
import { reportBencher } from '../../src/report/bencher.ts';
import { reportBenchstat } from '../../src/report/benchstat.ts';
import { reportCsv } from '../../src/report/csv.ts';
import { reportCsvWide } from '../../src/report/csv-wide.ts';
import { reportGithubActionBenchmark } from '../../src/report/github-action-benchmark.ts';
import { reportGithubAnnotations } from '../../src/report/github-annotations.ts';
import { cutMarkdown, reportGithubSummary } from '../../src/report/github-summary.ts';
import { reportPrometheus } from '../../src/report/prometheus.ts';
import { gatedComparison } from '../helpers/gated-comparison.ts';
import { parseCsv, poison } from '../helpers/hostile.ts';
import { sampleComparison } from '../helpers/sample-comparison.ts';

const plain = gatedComparison();
const hostile = poison(plain);
// biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there are control characters
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/;

describe.each([
  ['plain', plain],
  ['hostile', hostile],
])('with %s strings', (_, comparison) => {
  test.each([
    ['long', reportCsv],
    ['wide', reportCsvWide],
  ])('the %s CSV has as many fields in every row, none of them a formula', (_form, report) => {
    const text = report(comparison);
    expect(text).not.toMatch(CONTROL);
    const rows = parseCsv(text);
    expect(new Set(rows.map(({ length }) => length)).size).toBe(1);
    for (const field of rows.flat()) {
      if (!/^-?[\d.]+(e[+-]?\d+)?$/.test(field)) expect(field).not.toMatch(/^[=+\-@\t\r]/);
    }
  });

  test('the wide CSV holds what the comparison holds', () => {
    const [head, ...rows] = parseCsv(reportCsvWide(comparison));
    expect(rows).toHaveLength(comparison.arms.length);
    const column = head!.indexOf('requests_per_sec');
    const rates = rows.map((row) => row[column]);
    expect(rates).toEqual(
      comparison.arms.map(({ metrics }) =>
        metrics.requests_per_sec.known ? String(metrics.requests_per_sec.value) : '',
      ),
    );
    for (const id of METRIC_IDS) expect(head).toContain(id);
  });

  test('benchstat: configuration, units, and a line per measured trial with pairs of number and unit', () => {
    const text = reportBenchstat(comparison);
    expect(text).not.toMatch(CONTROL);
    const lines = text.split('\n').filter((line) => line !== '');
    const results = lines.filter((line) => line.startsWith('Benchmark'));
    const measured = comparison.arms.flatMap(({ trials }) =>
      trials.filter(({ kind, state }) => kind === 'measured' && state === 'done'),
    );
    expect(results).toHaveLength(measured.length);
    for (const line of results) {
      const [name, iterations, ...pairs] = line.split(/\s+/);
      expect(name).toMatch(/^BenchmarkStream\/arm=[\w.@:+-]+-\d+$/);
      expect(iterations).toBe('1');
      expect(pairs.length % 2).toBe(0);
      for (let i = 0; i < pairs.length; i += 2) {
        expect(Number.isFinite(Number(pairs[i])), pairs[i]).toBe(true);
        expect(pairs[i + 1]).toMatch(/^[a-z][a-z0-9-]*(-B)?$/);
      }
    }
    const others = lines.filter((line) => !line.startsWith('Benchmark'));
    for (const line of others) expect(line).toMatch(/^(Unit \S+ better=(higher|lower)|[a-z][\w-]*: .*)$/);
  });

  test('Bencher: fits the published schema, and every measure is a number within its bounds', () => {
    const document = JSON.parse(reportBencher(comparison)) as Record<
      string,
      Record<string, { value: number; lower_value?: number; upper_value?: number }>
    >;
    const validate = new Ajv({ strict: false }).compile(BMF_SCHEMA);
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(Object.keys(document)).toHaveLength(comparison.arms.length);
    for (const measures of Object.values(document)) {
      for (const { value, lower_value, upper_value } of Object.values(measures)) {
        expect(lower_value ?? value).toBeLessThanOrEqual(value);
        expect(upper_value ?? value).toBeGreaterThanOrEqual(value);
      }
    }
  });

  test('github-action-benchmark: two lists, each of one direction, nothing that would be coerced', () => {
    const validate = new Ajv().compile(ACTION_SCHEMA);
    for (const better of ['higher', 'lower'] as const) {
      const list = JSON.parse(reportGithubActionBenchmark(comparison, better)!) as { name: string }[];
      expect(validate(list), JSON.stringify(validate.errors)).toBe(true);
      expect(new Set(list.map(({ name }) => name)).size).toBe(list.length);
    }
    expect(reportGithubActionBenchmark(comparison, 'higher')).toContain('requests_per_sec');
    expect(reportGithubActionBenchmark(comparison, 'lower')).not.toContain('requests_per_sec"');
  });

  test('Prometheus: every line is a comment or a sample, and what is unknown has none', () => {
    const text = reportPrometheus(comparison);
    expect(text).not.toMatch(CONTROL);
    const lines = text.trimEnd().split('\n');
    const samples = parsePrometheusText(text);
    expect(samples).toHaveLength(lines.filter((line) => !line.startsWith('# ')).length);
    expect(samples.every(({ value }) => Number.isFinite(value))).toBe(true);
    const families = lines.flatMap((line) => /^# TYPE (\S+) gauge$/.exec(line)?.[1] ?? []);
    expect(new Set(families).size).toBe(families.length);
    expect(new Set(samples.map(({ name }) => name))).toEqual(new Set(families));
    const keys = samples.map(({ name, labels }) => `${name} ${JSON.stringify([...labels])}`);
    expect(new Set(keys).size).toBe(keys.length);
    const rates = samples.filter(({ name }) => name === 'ssee_bench_requests_per_sec');
    expect(rates.map(({ value }) => value)).toEqual(
      comparison.arms.flatMap(({ metrics }) =>
        metrics.requests_per_sec.known ? [metrics.requests_per_sec.value] : [],
      ),
    );
  });

  test('annotations: one command per line, with nothing in it that is another', () => {
    const text = reportGithubAnnotations(comparison);
    expect(text).not.toMatch(CONTROL);
    const lines = text.trimEnd().split('\n');
    for (const line of lines) {
      const [, properties] = /^::(?:error|warning|notice) (file=[^:]*)::/.exec(line) ?? [];
      expect(properties, line).toBeDefined();
      const keys = properties!.split(',').map((pair) => pair.split('=')[0]);
      expect(keys.filter((key) => key !== 'col')).toEqual(['file', 'line', 'title']);
    }
    expect(lines.at(-1)).toMatch(/^::notice /);
    expect(lines.some((line) => line.startsWith('::warning ') && line.includes('curl'))).toBe(true);
  });

  test('the job summary is the Markdown report', () => {
    expect(reportGithubSummary(comparison)).not.toMatch(CONTROL);
    expect(reportGithubSummary(comparison).length).toBeGreaterThan(1000);
  });
});

test('a list that would be empty is no file: the action takes it for an error', () => {
  const comparison = sampleComparison();
  comparison.arms = comparison.arms.filter(({ id }) => id === 'curl');
  expect(reportGithubActionBenchmark(comparison, 'higher')).toBeUndefined();
});

test('annotations point at the line of the arm, escape what a property cannot hold, and stop at ten of a kind', () => {
  const comparison = sampleComparison();
  comparison.scenario.path = 'a,b:c%.yaml';
  comparison.problems = Array.from({ length: 14 }, (_, index) => `problem ${index}`);
  const text = reportGithubAnnotations(comparison, { scenarioLines: { curl: { line: 7, column: 5 } } });
  expect(text).toContain('::warning file=a%2Cb%3Ac%25.yaml,line=7,col=5,title=curl%3A r1-curl::');
  const errors = text.split('\n').filter((line) => line.startsWith('::error'));
  expect(errors).toHaveLength(10);
  expect(errors.at(-1)).toMatch(/title=5 more::/);
});

test('a broken promise and a regression are errors, at the line of the promise', () => {
  const lines = reportGithubAnnotations(gatedComparison()).split('\n');
  expect(lines.filter((line) => line.startsWith('::error'))).toEqual([
    expect.stringMatching(
      /line=32,col=5,title=ssee-tester%3A promise at line 32%3A ttfe_us_p50::.* more than 500 us$/,
    ),
    expect.stringMatching(/title=ssee-tester%3A gate%3A no lost-events::3 lost-events/),
    expect.stringMatching(/title=ssee-tester%3A gate%3A ttfe_us_p99::/),
  ]);
});

test('the job summary begins with the verdict of the gate', () => {
  expect(reportGithubSummary(gatedComparison())).toMatch(/^\*\*regression: .*\n\n# /);
});

test('any Markdown is cut to the limit, at a line, with its code blocks closed', () => {
  const line = fc.oneof(
    fc.constantFrom('```sh', '```', '````', '| a | b |'),
    fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replaceAll(/[\n`]/g, ' ')),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 80 }), fc.integer({ min: 200, max: 900 }), (lines, maxBytes) => {
      const text = lines.join('\n');
      const cut = cutMarkdown(text, maxBytes);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(maxBytes);
      if (Buffer.byteLength(text) <= maxBytes) {
        expect(cut).toBe(text);
        return;
      }
      const body = cut.slice(0, cut.indexOf('\n_Cut here'));
      let fence: string | undefined;
      for (const row of body.split('\n')) {
        const mark = /^`{3,}/.exec(row)?.[0];
        if (mark === undefined) continue;
        if (fence === undefined) fence = mark;
        else if (row === fence) fence = undefined;
      }
      expect(fence).toBeUndefined();
    }),
  );
});

/** https://bencher.dev/docs/reference/bencher-metric-format, and its limits on names. */
const BMF_SCHEMA = {
  type: 'object',
  propertyNames: { minLength: 1, maxLength: 1024 },
  patternProperties: {
    '.+': {
      type: 'object',
      propertyNames: { minLength: 1, maxLength: 64 },
      patternProperties: {
        '.+': {
          type: 'object',
          properties: {
            value: { type: 'number' },
            lower_value: { type: 'number' },
            upper_value: { type: 'number' },
          },
          required: ['value'],
          additionalProperties: false,
        },
      },
    },
  },
};

/** What github-action-benchmark takes without turning it into something else (src/extract.ts, v1.22). */
const ACTION_SCHEMA = {
  type: 'array',
  minItems: 1,
  items: {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 1 },
      value: { type: 'number' },
      unit: { type: 'string', minLength: 1 },
      range: { type: 'string' },
      extra: { type: 'string' },
    },
    required: ['name', 'value', 'unit'],
    additionalProperties: false,
  },
};
