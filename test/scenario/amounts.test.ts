import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Unit } from '../../src/model/units.ts';
import { describeAmount, parseAmount } from '../../src/scenario/amounts.ts';

test.each<[unknown, Unit, number | undefined]>([
  ['50ms', 'us', 50_000],
  ['0.7ms', 'us', 700],
  ['800us', 'us', 800],
  ['1.5s', 'us', 1_500_000],
  [50, 'us', undefined],
  ['50', 'us', undefined],
  ['500ms', 's', 0.5],
  ['2m', 's', 120],
  ['1%', 'ratio', 0.01],
  ['0.1 %', 'ratio', 0.001],
  [0.05, 'ratio', 0.05],
  [5, 'ratio', undefined],
  ['120%', 'ratio', undefined],
  [15_000, '1/s', 15_000],
  ['1500/s', '1/s', 1500],
  ['1500/m', '1/s', undefined],
  ['10MB', 'bytes', 10_000_000],
  ['4KiB', 'bytes', 4096],
  [100, 'bytes', 100],
  ['10 apples', 'bytes', undefined],
  ['-1', '1/s', undefined],
  ['', '1/s', undefined],
  [null, '1/s', undefined],
  [{}, 'us', undefined],
])('%j as %s is %j', (written, unit, amount) => {
  expect(parseAmount(written, unit)).toBe(amount);
});

test('the example in every description is itself such an amount', () => {
  for (const unit of ['us', 's', 'ratio', '1/s', 'bytes'] as const) {
    const example = /such as (\S+)/.exec(describeAmount(unit))![1]!;
    expect(parseAmount(example, unit), unit).toBeGreaterThan(0);
  }
});

test('no text throws or gives anything but an amount of 0 or more', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom<Unit>('us', 's', 'ratio', '1/s', 'bytes'), (text, unit) => {
      const amount = parseAmount(text, unit);
      expect(amount === undefined || (Number.isFinite(amount) && amount >= 0)).toBe(true);
    }),
  );
});
