import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMarks, decodeTicks, encodeMarks, encodeTicks } from '../../../src/report/data/tick-codec.ts';

const rising = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 2 ** 40 })), { maxLength: 300 })
  .map((steps) => {
    let tick = 0;
    return steps.map((step) => {
      tick += step;
      return tick;
    });
  });

test('any rising ticks survive being written and read', () => {
  fc.assert(
    fc.property(rising, (ticks) => {
      expect([...decodeTicks(encodeTicks(ticks))]).toEqual(ticks);
    }),
  );
});

test('any marks survive being written and read', () => {
  fc.assert(
    fc.property(rising, fc.infiniteStream(fc.integer({ min: 0, max: 15 })), (ticks, kinds) => {
      const marks = ticks.map(() => kinds.next().value as number);
      expect(decodeMarks(encodeMarks({ ticks, marks }))).toEqual({ ticks, marks });
    }),
  );
});

test('a hundred thousand ticks of a paced stream take a byte each', () => {
  const ticks = Array.from({ length: 100_000 }, (_, index) => index * 50);
  expect(encodeTicks(ticks).length).toBeLessThan(100_000 * (4 / 3) + 10);
});

test('a text that ends inside a number is refused', () => {
  expect(() => decodeTicks(btoa('\u0005\u0080'))).toThrow(RangeError);
});
