import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LatencyTally } from '../../src/stats/latency-tally.ts';

const SHARES = [0, 0.1, 0.5, 0.9, 0.99, 0.999];

test('gives the values that sorting all samples gives, within a twentieth of a percent', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4e9 }), { minLength: 1, maxLength: 200 }), (samples) => {
      const tally = new LatencyTally();
      for (const sample of samples) tally.add(sample, 1);
      const sorted = [...samples].sort((a, b) => a - b);
      const values = tally.valuesAt(SHARES);
      expect(values).toHaveLength(SHARES.length);
      for (const [index, share] of SHARES.entries()) {
        const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!;
        expect(Math.abs(values[index]! - exact)).toBeLessThanOrEqual(exact * 0.0005);
      }
      expect(tally.max()).toBe(sorted.at(-1));
      expect(tally.samples).toBe(samples.length);
    }),
  );
});

test('adding counts one by one or together is the same', () => {
  const apart = new LatencyTally();
  const together = new LatencyTally();
  for (let i = 0; i < 40; i++) apart.add(12_345_678, 1);
  together.add(12_345_678, 40);
  expect(apart.valuesAt(SHARES)).toEqual(together.valuesAt(SHARES));
});

test('never gives more than the maximum, which rounding could', () => {
  const tally = new LatencyTally();
  tally.add(12_345, 1);
  tally.add(99_999, 1);
  expect(tally.valuesAt([0.5, 1])).toEqual([12_350, 99_999]);
});

test('has nothing to say without samples', () => {
  expect(new LatencyTally().valuesAt(SHARES)).toEqual([]);
  expect(new LatencyTally().max()).toBeUndefined();
});
