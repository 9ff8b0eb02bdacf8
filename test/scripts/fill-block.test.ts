import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fillBlock, headOf } from '../../scripts/lib/fill-block.mjs';
import { ROOT } from '../helpers/run-cli.ts';

describe('filling a block', () => {
  it('puts text between two marks, in place of what was there', () => {
    const filled = fillBlock('a\n<!-- x -->\nold\n<!-- /x -->\nb\n', 'x', 'new\n');
    expect(filled).toBe('a\n<!-- x -->\n\nnew\n\n<!-- /x -->\nb\n');
    expect(fillBlock(filled, 'x', 'new\n')).toBe(filled);
  });

  it('adds the second mark where there is only the first', () => {
    expect(fillBlock('a\n\n<!-- x -->\n\nb\n', 'x', 'new')).toBe(
      'a\n\n<!-- x -->\n\nnew\n\n<!-- /x -->\n\nb\n',
    );
  });

  it('leaves other blocks alone and refuses a file without the mark', () => {
    expect(fillBlock('<!-- y -->\n<!-- x -->\n', 'x', 'new')).toMatch(/^<!-- y -->\n<!-- x -->\n/);
    expect(() => fillBlock('nothing', 'x', 'new')).toThrow('<!-- x --> stands 0 times');
    expect(() => fillBlock('<!-- x --><!-- x -->', 'x', 'new')).toThrow('<!-- x --> stands 2 times');
  });
});

describe('the head of a report', () => {
  it('is what stands between its title and its first section', () => {
    expect(headOf('# T\n\n**sum**\n\n| a |\n\n## Details\n\nmore\n')).toBe('**sum**\n\n| a |');
    expect(headOf('# T\n\nall\n')).toBe('all');
  });
});

it('README.md shows the head of docs/calibration.md: run `npm run readme` after a change', () => {
  const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
  const readme = read('README.md');
  expect(fillBlock(readme, 'calibration', headOf(read('docs/calibration.md')))).toBe(readme);
});
