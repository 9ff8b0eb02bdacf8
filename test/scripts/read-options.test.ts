import { describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript without types
import { readChoices, readCount, readOptions } from '../../scripts/lib/read-options.mjs';
// @ts-expect-error plain JavaScript without types
import { UsageError } from '../../scripts/lib/setup-error.mjs';

const OPTIONS = { write: { type: 'string' }, pairs: { type: 'string', default: '6' } };

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  return 'was taken';
}

describe('the options of a script', () => {
  it('are those given, and the defaults of the others', () => {
    const { values, positionals } = readOptions('x', ['--write', 'a.md'], OPTIONS);
    expect([{ ...values }, positionals]).toEqual([{ write: 'a.md', pairs: '6' }, []]);
    expect(readOptions('x', ['RUN'], {}, { mostPositionals: 1 }).positionals).toEqual(['RUN']);
  });

  it.each([
    [['--wriet', 'a'], 0, "x: Unknown option '--wriet'; it takes --"],
    [['--write'], 0, "x: Option '--write <value>' argument missing"],
    [['--write', '--pairs'], 0, "x: Option '--write' argument is ambiguous."],
    [['a'], 0, "x: Unexpected argument 'a'"],
    [['a', 'b'], 1, 'x: b is one argument too many'],
  ])('%j with at most %i other arguments are refused in one line', (args, mostPositionals, message) => {
    const said = refusal(() => readOptions('x', args, OPTIONS, { mostPositionals }));
    expect(said.startsWith(message)).toBe(true);
    expect(said).not.toContain('\n');
  });
});

it('a count is a whole number from 1', () => {
  expect(readCount('x', '--pairs', '20000')).toBe(20_000);
  for (const text of ['0', '-1', '1.5', '1e3', '', 'six', '1000000']) {
    expect(refusal(() => readCount('x', '--pairs', text))).toBe(
      `x: --pairs ${text}: give a whole number from 1 to 999999`,
    );
  }
});

it('a choice is among those that there are', () => {
  expect(readChoices('x', '--only', 'b,a', ['a', 'b', 'c'])).toEqual(['b', 'a']);
  for (const text of ['d', 'a,d', '']) {
    expect(refusal(() => readChoices('x', '--only', text, ['a', 'b', 'c']))).toMatch(
      /^x: --only d?: choose from a, b, c$/,
    );
  }
});
