import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wrapText } from '../../src/report/wrap-text.ts';

test('lines are broken at spaces and continue under their beginning', () => {
  expect(wrapText('one two three four', 12, '- ')).toEqual(['- one two', '  three four']);
});

test('a word longer than the line stands alone, whole', () => {
  expect(wrapText('a http://127.0.0.1:40000/events b', 10)).toEqual([
    'a',
    'http://127.0.0.1:40000/events',
    'b',
  ]);
});

test('no word is lost and no line without long words is too wide', () => {
  const word = fc.stringMatching(/^[a-z]{1,9}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 12, max: 80 }), (words, width) => {
      const lines = wrapText(words.join(' '), width, '- ');
      expect(lines.map((line) => line.slice(2)).join(' ')).toBe(words.join(' '));
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    }),
  );
});
