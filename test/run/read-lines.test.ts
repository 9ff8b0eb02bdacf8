import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLines } from '../../src/run/read-lines.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ssee-lines-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function linesOf(text: string, pieceBytes?: number): string[] {
  const path = join(folder, 'lines');
  writeFileSync(path, text);
  return [...readLines(path, pieceBytes)];
}

test('an empty file has no line, and a file of one line feed an empty one', () => {
  expect(linesOf('')).toEqual([]);
  expect(linesOf('\n')).toEqual(['']);
});

test('lines are the same wherever the pieces end, in the middle of a character too', () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', '.'));
  fc.assert(
    fc.property(fc.array(line), fc.boolean(), fc.integer({ min: 1, max: 9 }), (lines, ended, pieceBytes) => {
      const text = lines.join('\n') + (ended ? '\n' : '');
      const whole = text.split('\n');
      if (whole.at(-1) === '') whole.pop();
      expect(linesOf(text, pieceBytes)).toEqual(whole);
    }),
    { numRuns: 200 },
  );
});
