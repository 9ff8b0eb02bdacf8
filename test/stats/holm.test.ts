import fc from 'fast-check';
import { expect, test } from 'vitest';
import { adjustByHolm } from '../../src/stats/holm.ts';
import { REFERENCE } from '../helpers/statistics-reference.ts';

test.each(REFERENCE.holm)('$ps.length values: adjusted as by statsmodels', ({ ps, adjusted }) => {
  const ours = adjustByHolm(ps);
  for (const [index, value] of adjusted.entries()) expect(ours[index]).toBeCloseTo(value, 12);
});

test('adjusting never makes a value smaller, keeps the order and stays a chance', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (ps) => {
      const adjusted = adjustByHolm(ps);
      expect(adjusted).toHaveLength(ps.length);
      for (const [i, p] of ps.entries()) {
        expect(adjusted[i]).toBeGreaterThanOrEqual(p);
        expect(adjusted[i]).toBeLessThanOrEqual(1);
        for (const [j, q] of ps.entries()) if (p < q) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]!);
      }
    }),
  );
});
