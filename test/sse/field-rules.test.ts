import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RETRY_LIMIT, isBadComment, isBadRetry, judgeRetry } from '../../src/sse/field-rules.ts';

describe('a retry', () => {
  it('may be an integer from 0 to the limit', () => {
    expect([0, 1, 9, 10].map((value) => judgeRetry(value))).toEqual([true, true, true, true]);
    expect([11, 3000].map((value) => judgeRetry(value))).toEqual([false, false]);
    expect(DEFAULT_RETRY_LIMIT).toBe(10);
  });

  it('may be as large as a limit in milliseconds', () => {
    expect(judgeRetry(3000, 60_000)).toBe(true);
    expect(judgeRetry(60_000, 60_000)).toBe(true);
    expect(judgeRetry(60_001, 60_000)).toBe(false);
  });

  it('may not be negative, broken or beyond exact integers, whatever the limit', () => {
    for (const value of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(judgeRetry(value, Number.POSITIVE_INFINITY)).toBe(false);
    }
    expect(judgeRetry(2 ** 53 - 1, Number.POSITIVE_INFINITY)).toBe(true);
  });

  it('is bad where its text is not ASCII digits alone', () => {
    const isBad = (text: string): boolean => isBadRetry(Buffer.from(text), 0, Buffer.byteLength(text));
    expect(['0', '10', '007', '9'.repeat(400)].map(isBad)).toEqual([false, false, false, false]);
    for (const text of ['', '-1', '+1', '1.5', ' 1', '1 ', '1e3', '0x1', '1/', '1:', '١']) {
      expect(isBad(text), text).toBe(true);
    }
  });

  it('is judged by its own bytes, not by those around it', () => {
    const line = Buffer.from('retry: 10x');
    expect(isBadRetry(line, 7, 9)).toBe(false);
    expect(isBadRetry(line, 7, 10)).toBe(true);
    expect(isBadRetry(line, 7, 7)).toBe(true);
  });
});

describe('a comment', () => {
  const isBad = (text: string | Uint8Array, maxChars?: number): boolean => {
    const buf = Buffer.from(text as string);
    return isBadComment(buf, 0, buf.length, maxChars);
  };

  it('may have 256 characters and no more, however many bytes each has', () => {
    for (const char of ['x', 'ä', '€', '😀']) {
      expect(isBad(char.repeat(256)), char).toBe(false);
      expect(isBad(char.repeat(257)), char).toBe(true);
    }
    expect(isBad('')).toBe(false);
  });

  it('may have as many as the caller says', () => {
    expect(isBad('', 0)).toBe(false);
    expect(isBad('x', 0)).toBe(true);
    expect(isBad('x'.repeat(300), 300)).toBe(false);
  });

  it('may have no control character, the tab included', () => {
    for (let code = 0; code < 0xa0; code++) {
      const isControl = code < 0x20 || code === 0x7f;
      expect(isBad(`keep${String.fromCharCode(code)}alive`), `code ${code}`).toBe(isControl);
    }
  });

  it('is judged by its own bytes, not by those around it', () => {
    const line = Buffer.from('\t: ok €\n');
    expect(isBadComment(line, 2, line.length - 1)).toBe(false);
    expect(isBadComment(line, 2, line.length)).toBe(true);
    // A character cut off by the end of the range is one, too.
    expect(isBadComment(line, 2, line.length - 2, 5)).toBe(false);
    expect(isBadComment(line, 2, line.length - 2, 4)).toBe(true);
  });

  it('is too long also where its bytes are no characters', () => {
    expect(isBad(Buffer.alloc(256, 0xbf))).toBe(false);
    expect(isBad(Buffer.alloc(257, 0xbf))).toBe(true);
    expect(isBad(Buffer.alloc(257, 0xff))).toBe(true);
  });

  it('has the characters a decoder makes of it, any bytes', () => {
    // Leads, continuations and the bounds of second bytes, so that most sequences are nearly well-formed.
    const byte = fc.oneof(
      fc.constantFrom(0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed),
      fc.constantFrom(0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff, 0xbb),
      fc.integer({ min: 0x20, max: 0xff }).filter((value) => value !== 0x7f),
    );
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 30 }), (bytes) => {
        const buf = Buffer.from(bytes);
        const chars = [...decoder.decode(buf)].length;
        expect(isBadComment(buf, 0, buf.length, chars)).toBe(false);
        if (chars > 0) expect(isBadComment(buf, 0, buf.length, chars - 1)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});
