import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closestName, suggestName } from '../../src/scenario/closest-name.ts';

const KEYS = ['connections', 'duration', 'timeout', 'warmup', 'rounds', 'pin'];

test.each([
  ['connectons', 'connections', 'a letter dropped'],
  ['durration', 'duration', 'a letter added'],
  ['timeour', 'timeout', 'a letter replaced'],
  ['roudns', 'rounds', 'two letters swapped'],
  ['Warmup', 'warmup', 'another case'],
  ['pn', 'pin', 'a short word'],
])('%s is meant to be %s: %s', (name, meant) => {
  expect(closestName(name, KEYS)).toBe(meant);
});

test.each(['', 'x', 'xyz', 'interval', 'conn', 'pout'])('%j is near none of the keys', (name) => {
  expect(closestName(name, KEYS)).toBeUndefined();
});

test('of two near names the nearer one is taken', () => {
  expect(closestName('rate', ['rates', 'rate', 'date'])).toBe('rate');
});

test('a suggestion is the end of a sentence, or nothing', () => {
  expect(suggestName('roundz', KEYS)).toBe('; did you mean "rounds"?');
  expect(suggestName('xyz', KEYS)).toBe('');
});

test('a key with one letter replaced is always recognised', () => {
  fc.assert(
    fc.property(fc.constantFrom(...KEYS), fc.nat(), fc.constantFrom('x', 'q', '_'), (key, at, letter) => {
      const index = at % key.length;
      expect(closestName(key.slice(0, index) + letter + key.slice(index + 1), KEYS)).toBe(key);
    }),
  );
});
