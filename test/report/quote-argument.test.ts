import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoteArgument } from '../../src/report/quote-argument.ts';

/** The arguments that bash makes of a line. */
function readByBash(line: string): string[] {
  const script = `for argument in ${line}; do printf '%s\\0' "$argument"; done`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

test.each([
  ['a plain word', 'a/b-c_d:1,2@x%+=.', 'a/b-c_d:1,2@x%+=.'],
  ['blanks, as many as there are', 'a  b', "'a  b'"],
  ['a quote', "it's", "'it'\\''s'"],
  ['what a shell would run', '$(x) `y` $z', "'$(x) `y` $z'"],
  ['nothing', '', "''"],
  ['a line break', 'a\nb', "$'a\\nb'"],
  ['a tab and a quote and a backslash', "\t'\\", "$'\\t\\'\\\\'"],
  ['an escape before a digit', '\u001b1', "$'\\0331'"],
  ['a character that reorders', '\u202ea', "$'\\342\\200\\256a'"],
])('%s', (_, argument, quoted) => {
  expect(quoteArgument(argument)).toBe(quoted);
  expect(readByBash(quoted)).toEqual([argument]);
});

test('a shell takes back any arguments, and none of their control characters is in the line', () => {
  const character = fc.oneof(
    fc.constantFrom(...' \'"\\$`!*?#~;&|<>(){}[]\n\r\t\u001b\u0007\u0085\u202e\u2028é😀'),
    fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 }).filter((text) => text !== '\0'),
  );
  const argument = fc.array(character, { maxLength: 12 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(argument, { minLength: 1, maxLength: 30 }), (args) => {
      const line = args.map(quoteArgument).join(' ');
      expect(line).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
      expect(readByBash(line)).toEqual(args);
    }),
    { numRuns: 40 },
  );
});
