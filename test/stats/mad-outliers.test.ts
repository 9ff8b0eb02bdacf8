import { expect, test } from 'vitest';
import { findOutliers } from '../../src/stats/mad-outliers.ts';
import { REFERENCE } from '../helpers/statistics-reference.ts';

test.each(REFERENCE.outliers)('of $values the outliers stand at $outliers', ({ values, outliers }) => {
  expect(findOutliers(values)).toEqual(outliers);
});

test('of three values none can stand out', () => {
  expect(findOutliers([1, 1, 1000])).toEqual([]);
  expect(findOutliers([])).toEqual([]);
});
