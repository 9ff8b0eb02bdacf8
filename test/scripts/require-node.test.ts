import { expect, it } from 'vitest';
import { isOlder } from '../../scripts/lib/require-node.mjs';

it.each([
  ['20.19.0', '20.19', false],
  ['20.18.3', '20.19', true],
  ['20.20.2', '20.19', false],
  // Compared as numbers: 9 is older than 20, and minor 9 older than 19.
  ['9.99.0', '20.19', true],
  ['20.9.0', '20.19', true],
  ['22.0.0', '20.19', false],
  ['26.10.0', '22', false],
  ['21.9.9', '22', true],
])('isOlder(%s, %s) is %s', (version, wanted, expected) => {
  expect(isOlder(version, wanted)).toBe(expected);
});
