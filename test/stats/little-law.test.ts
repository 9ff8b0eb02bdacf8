import { expect, test } from 'vitest';
import { littleResidual } from '../../src/stats/little-law.ts';

test('a closed loop that is always busy leaves nothing over', () => {
  expect(littleResidual(100, 2000, 50_000)).toBeCloseTo(0, 12);
});

test('idle connections show as a negative part, uncounted concurrency as a positive one', () => {
  expect(littleResidual(100, 1000, 50_000)).toBeCloseTo(-0.5, 12);
  expect(littleResidual(100, 2200, 50_000)).toBeCloseTo(0.1, 12);
});
