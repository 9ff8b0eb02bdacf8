import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { PAGE_BYTES, parsePageSize } from '../../src/observe/page-size.ts';

describe('the page size', () => {
  it('is what the system says', () => {
    expect(PAGE_BYTES).toBe(Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' })));
  });

  it('is not made up from a vector without it', () => {
    expect(() => parsePageSize(Buffer.alloc(32))).toThrow(/no page size/);
    expect(() => parsePageSize(Buffer.alloc(7))).toThrow(/no page size/);
  });
});
