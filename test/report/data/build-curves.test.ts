import { expect, test } from 'vitest';
import { CURVE_LANDMARKS, curveTail } from '../../../src/model/report-data.ts';
import { CurveBuilder } from '../../../src/report/data/build-curves.ts';

function uniform(from: number, to: number): [number, number][] {
  return Array.from({ length: to - from + 1 }, (_, index) => [from + index, 1]);
}

test('rounds are merged sample by sample: percentiles are of all of them', () => {
  const builder = new CurveBuilder();
  builder.add([{ base: 'stream_us', corrected: 'none', counts: uniform(1, 500) }]);
  builder.add([{ base: 'stream_us', corrected: 'none', counts: uniform(501, 1000) }]);
  const [curve] = builder.build();
  expect(curve?.samples).toBe(1000);
  const at = Object.fromEntries(CURVE_LANDMARKS.map(({ label, index }) => [label, curve?.valuesUs[index]]));
  expect(at).toMatchObject({ p50: 500, p75: 750, p90: 900, p95: 950, p99: 990 });
  expect(curve?.valuesUs.at(-1)).toBe(1000);
});

test('landmarks lie where their names say', () => {
  for (const { label, index } of CURVE_LANDMARKS) {
    expect(100 * (1 - curveTail(index)), label).toBeCloseTo(Number(label.slice(1)), 9);
  }
});

test('a curve ends where a single sample is left: no percentile that is the maximum under a grander name', () => {
  const builder = new CurveBuilder();
  builder.add([{ base: 'ttfb_us', corrected: 'none', counts: uniform(1, 10) }]);
  const [curve] = builder.build();
  expect(curveTail(curve!.valuesUs.length - 2) * 10).toBeGreaterThan(1);
  expect(curve!.valuesUs).toEqual([...curve!.valuesUs].sort((a, b) => a - b));
});

test('what is corrected and what is not stay apart, and nothing comes of no samples', () => {
  const builder = new CurveBuilder();
  builder.add([
    { base: 'stream_us', corrected: 'post-recording', counts: [[9, 1]] },
    { base: 'stream_us', corrected: 'none', counts: [[5, 1]] },
    { base: 'ttfe_us', corrected: 'none', counts: [] },
  ]);
  expect(builder.build().map(({ base, corrected, valuesUs }) => [base, corrected, valuesUs.at(-1)])).toEqual([
    ['stream_us', 'none', 5],
    ['stream_us', 'post-recording', 9],
  ]);
});
