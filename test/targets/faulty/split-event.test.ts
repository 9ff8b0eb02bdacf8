import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutInsideCharacters, cutInsideLineEnds } from '../../../targets/faulty/split-event.ts';

describe('cutting events', () => {
  it('loses no byte, and joins to the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const bytes = Buffer.from(text);
        expect(Buffer.concat(cutInsideCharacters(bytes)).equals(bytes)).toBe(true);
        expect(Buffer.concat(cutInsideLineEnds(bytes)).equals(bytes)).toBe(true);
      }),
    );
  });

  it('makes one cut per character of several bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const wide = [...text].filter((character) => Buffer.byteLength(character) > 1);
        expect(cutInsideCharacters(Buffer.from(text))).toHaveLength(wide.length + 1);
      }),
    );
  });

  it('cuts between CR and LF only', () => {
    const pieces = cutInsideLineEnds(Buffer.from('a\r\nb\nc\rd\r\n'));
    expect(pieces.map(String)).toEqual(['a\r', '\nb\nc\rd\r', '\n']);
  });
});
