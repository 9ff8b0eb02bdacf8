import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RunningLine } from '../../src/stats/running-line.ts';

function through(points: readonly (readonly [x: number, y: number])[]): RunningLine {
  const line = new RunningLine();
  for (const [x, y] of points) line.add(x, y);
  return line;
}

const whole = fc.integer({ min: -10_000, max: 10_000 });

test('points on a line have its slope and no rest', () => {
  fc.assert(
    fc.property(fc.uniqueArray(whole, { minLength: 2 }), whole, whole, (xs, slope, start) => {
      const line = through(xs.map((x) => [x, start + slope * x]));
      expect(line.slope).toBeCloseTo(slope, 4);
      if (slope === 0) expect(line.fit).toBeUndefined();
      else expect(line.fit).toBeCloseTo(1, 6);
    }),
  );
});

test('any points have the slope and the fit of the textbook formula', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(whole, whole), { minLength: 3 }), (points) => {
      const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
      const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
      const sum = (of: (x: number, y: number) => number): number =>
        points.reduce((total, [x, y]) => total + of(x - meanX, y - meanY), 0);
      const [xx, xy, yy] = [sum((x) => x * x), sum((x, y) => x * y), sum((_, y) => y * y)];
      fc.pre(xx > 1 && yy > 1);
      const line = through(points);
      expect(line.slope).toBeCloseTo(xy / xx, 4);
      expect(line.fit).toBeCloseTo(xy ** 2 / (xx * yy), 6);
    }),
  );
});

test('where nothing changed there is no line', () => {
  expect(through([[1, 5]])).toMatchObject({ count: 1, slope: undefined, fit: undefined });
  expect(
    through([
      [1, 5],
      [2, 5],
    ]),
  ).toMatchObject({ slope: 0, fit: undefined });
});
