import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/model/errors.ts';
import { createExtractor, parseTimestampUs } from '../../src/sse/value-extractor.ts';

const extract = (spec: string, data: string): string | undefined => createExtractor(spec).extract(data);

function messageOf(spec: string): string {
  try {
    createExtractor(spec);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message;
  }
  throw new Error(`${spec} is taken`);
}

describe('a JSON pointer', () => {
  // RFC 6901 5, with scalars in place of what is none.
  const document = JSON.stringify({
    foo: ['bar', 'baz'],
    '': 0,
    'a/b': 1,
    'c%d': 2,
    'e^f': 3,
    'g|h': 4,
    'i\\j': 5,
    'k"l': 6,
    ' ': 7,
    'm~n': 8,
    '~1': 9,
    nested: { seq: 10, list: [{ id: 'x' }] },
  });

  it.each([
    ['/foo/0', 'bar'],
    ['/foo/1', 'baz'],
    ['/', '0'],
    ['/a~1b', '1'],
    ['/c%d', '2'],
    ['/e^f', '3'],
    ['/g|h', '4'],
    ['/i\\j', '5'],
    ['/k"l', '6'],
    ['/ ', '7'],
    ['/m~0n', '8'],
    ['/~01', '9'],
    ['/nested/seq', '10'],
    ['/nested/list/0/id', 'x'],
  ])('%s finds %s, alone and after pointer:', (pointer, expected) => {
    expect(extract(pointer, document)).toBe(expected);
    expect(extract(`pointer:${pointer}`, document)).toBe(expected);
  });

  it.each(['/none', '/foo/2', '/foo/00', '/foo/-', '/foo/length', '/foo/0/0', '/nested/seq/x', '/toString'])(
    '%s finds nothing',
    (pointer) => {
      expect(extract(pointer, document)).toBeUndefined();
    },
  );

  it('that is empty stands for the whole text', () => {
    for (const spec of ['', 'pointer:']) {
      expect(extract(spec, '42')).toBe('42');
      expect(extract(spec, ' "a b" ')).toBe('a b');
      expect(extract(spec, '{}')).toBeUndefined();
    }
  });

  it('finds strings and numbers only', () => {
    for (const value of ['{}', '[]', 'null', 'true', 'false']) {
      expect(extract('/a', `{"a": ${value}}`)).toBeUndefined();
    }
    expect(extract('/a', '{"a": ""}')).toBe('');
    expect(extract('/a', '{"a": 1.50}')).toBe('1.5');
  });

  it('finds a name that objects have from elsewhere only where the text has it', () => {
    expect(extract('/__proto__', '{}')).toBeUndefined();
    expect(extract('/__proto__', '{"__proto__": "own"}')).toBe('own');
    expect(extract('/constructor/name', '{}')).toBeUndefined();
  });

  it('gives numbers beyond 2^53 as they were written', () => {
    expect(extract('/id', '{"id": 9007199254740991}')).toBe('9007199254740991');
    expect(extract('/id', '{"id": 9007199254740993}')).toBe('9007199254740993');
    expect(extract('/id', '{"id": -123456789012345678901}')).toBe('-123456789012345678901');
    expect(extract('/id', '{"id": 1E400}')).toBe('1E400');
    expect(extract('', '1714564800123456789')).toBe('1714564800123456789');
    // The last of equal names counts, and digits within strings are no numbers.
    const data = '{"id": 1, "n\\"9": "say \\"7\\" [9007199254740993", "id": 9007199254740995, "x": [2]}';
    expect(extract('/id', data)).toBe('9007199254740995');
  });

  it('gives a large number also beside a long string', () => {
    const data = JSON.stringify({ text: '\\"x'.repeat(3_000_000), id: 1 }).replace(
      /1}$/,
      '9007199254740993}',
    );
    expect(extract('/id', data)).toBe('9007199254740993');
  });

  it('finds nothing in what is no JSON, however deep', () => {
    for (const data of ['', 'hello', '{"a": 1', '{a: 1}', '{"a": 1} x', 'NaN', '[DONE]', '\uFEFF{"a": 1}']) {
      expect(extract('/a', data)).toBeUndefined();
    }
    expect(extract('/a', '['.repeat(1_000_000))).toBeUndefined();
    expect(extract('/a', `{"a": ${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`)).toBeUndefined();
  });

  it('finds every string and number of any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (root) => {
        // As it comes back: negative zero does not survive.
        const data = JSON.stringify(root);
        for (const [tokens, leaf] of leavesOf(JSON.parse(data))) {
          const pointer = tokens
            .map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`)
            .join('');
          const found = extract(`pointer:${pointer}`, data);
          if (typeof leaf === 'string') expect(found).toBe(leaf);
          else expect(Number(found)).toBe(leaf);
        }
      }),
    );
  });

  it('finds every integer exactly, of any size, in any company', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.jsonValue(), fc.string(), (id, other, name) => {
        const company = JSON.stringify(other);
        const data = `{${JSON.stringify(name)}: ${company}, "list": [${company}, {"id": ${id}}, ${company}]}`;
        expect(BigInt(extract('/list/1/id', data)!)).toBe(id);
      }),
    );
  });

  function* leavesOf(value: unknown, tokens: string[] = []): Generator<[string[], string | number]> {
    if (typeof value === 'string' || typeof value === 'number') yield [tokens, value];
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) yield* leavesOf(inner, [...tokens, name]);
  }
});

describe('a regular expression', () => {
  it('finds its group in the first match', () => {
    expect(extract('regex:"seq":(\\d+)', '{"seq":12,"seq":13}')).toBe('12');
    expect(extract('regex:^id=(?<id>[^;]*);', 'id=;')).toBe('');
    expect(extract('regex:(?:a|b)(\\d)|c', 'xb7')).toBe('7');
    expect(extract('regex:/path/(\\d+)/', 'GET /path/5/')).toBe('5');
  });

  it('finds nothing without a match or where the group had no part in it', () => {
    expect(extract('regex:(\\d+)', 'none')).toBeUndefined();
    expect(extract('regex:(\\d+)|none', 'none')).toBeUndefined();
  });

  it('finds the same again: no state is kept between events', () => {
    const extractor = createExtractor('regex:(\\d)');
    expect(['a1', 'b2', 'c', 'd3'].map((data) => extractor.extract(data))).toEqual([
      '1',
      '2',
      undefined,
      '3',
    ]);
  });

  it('finds nothing where the engine gives up', () => {
    expect(extract('regex:((?:x|y)*)z', 'x'.repeat(20_000_000))).toBeUndefined();
  });
});

describe('a bad specification', () => {
  it.each([
    ['seq', '"seq" does not say how to find a value: write a JSON pointer as pointer:/name'],
    ['#/seq', '"#/seq" does not say'],
    ['Regex:(a)', '"Regex:(a)" does not say'],
    ['pointer:seq', 'JSON pointer "seq" does not begin with /: write pointer:/name'],
    ['/a~2b', 'JSON pointer "/a~2b" has a ~ that stands for nothing: write ~0 for ~'],
    ['/a~', 'JSON pointer "/a~" has a ~'],
    ['regex:(', 'regular expression "(" is not valid: Unterminated group'],
    ['regex:(a)\\', 'regular expression "(a)\\\\" is not valid: \\ at end of pattern'],
    ['regex:', 'regular expression "" has 0 capture groups: put the value'],
    ['regex:\\d+', 'has 0 capture groups'],
    ['regex:(?:a)', 'has 0 capture groups'],
    ['regex:(a)(b)', 'has 2 capture groups'],
    ['regex:(a(b))|c', 'has 2 capture groups'],
  ])('%s is refused with the remedy', (spec, message) => {
    expect(messageOf(spec)).toContain(message);
  });
});

describe('any specification and any data', () => {
  it('end in a value, in nothing or in an error of the user', () => {
    const spec = fc
      .tuple(fc.constantFrom('', '/', 'pointer:', 'pointer:/', 'regex:', 'regex:('), fc.string())
      .map(([prefix, rest]) => prefix + rest);
    const data = fc.oneof(fc.string(), fc.json());
    fc.assert(
      fc.property(spec, data, (anySpec, anyData) => {
        let found: string | undefined;
        try {
          found = extract(anySpec, anyData);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
        expect(['string', 'undefined']).toContain(typeof found);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a timestamp', () => {
  it.each<[string, number]>([
    ['0', 0],
    ['1714564800', 1_714_564_800_000_000],
    ['9007199254', 9_007_199_254_000_000],
    ['1714564800.5', 1_714_564_800_500_000],
    ['1714564800.1234569', 1_714_564_800_123_456],
    ['1714564800123', 1_714_564_800_123_000],
    ['1714564800123.456', 1_714_564_800_123_456],
    ['1714564800123456', 1_714_564_800_123_456],
    ['1714564800123456.9', 1_714_564_800_123_456],
    ['1714564800123456999', 1_714_564_800_123_456],
    ['01714564800', 1_714_564_800_000_000],
    [' 1714564800\n', 1_714_564_800_000_000],
    // The smallest of each unit above seconds.
    ['100000000000', 100_000_000_000_000],
    ['100000000000000', 100_000_000_000_000],
    ['100000000000000000', 100_000_000_000_000],
    ['2024-05-01T12:00:00Z', 1_714_564_800_000_000],
    ['2024-05-01t12:00:00z', 1_714_564_800_000_000],
    ['2024-05-01 12:00:00Z', 1_714_564_800_000_000],
    ['2024-05-01T12:00Z', 1_714_564_800_000_000],
    ['2024-05-01T14:00:00+02:00', 1_714_564_800_000_000],
    ['2024-05-01T14:00:00+0200', 1_714_564_800_000_000],
    ['2024-05-01T14:00:00+02', 1_714_564_800_000_000],
    ['2024-05-01T06:30:00-05:30', 1_714_564_800_000_000],
    ['2024-05-01T12:00:00-00:00', 1_714_564_800_000_000],
    ['2024-05-01T12:00:00.5Z', 1_714_564_800_500_000],
    ['2024-05-01T12:00:00,25Z', 1_714_564_800_250_000],
    ['2024-05-01T12:00:00.123456999Z', 1_714_564_800_123_456],
    ['2024-02-29T00:00:00Z', 1_709_164_800_000_000],
    ['2016-12-31T23:59:60Z', 1_483_228_800_000_000],
    ['1970-01-01T00:00:00Z', 0],
    ['1970-01-01T00:30:00-01:00', 5_400_000_000],
  ])('%s is %d us', (text, timeUs) => {
    expect(parseTimestampUs(text)).toBe(timeUs);
  });

  it.each([
    '',
    ' ',
    'now',
    '-1',
    '+1714564800',
    '1.7e9',
    '.5',
    '5.',
    '0x10',
    '1_714_564_800',
    '1714564800 s',
    // Beyond year 2255, and beyond nanoseconds.
    '9007199255',
    '99999999999',
    '99999999999999',
    '99999999999999999',
    '9'.repeat(20),
    '1'.repeat(21),
    '2300-01-01T00:00:00Z',
    // Unset times of Go and .NET, and others before 1970.
    '0001-01-01T00:00:00Z',
    '1969-12-31T23:59:59.999999Z',
    '1970-01-01T00:30:00+01:00',
    // No offset, no point in time.
    '2024-05-01T12:00:00',
    '2024-05-01',
    '2024-05-01T12Z',
    '20240501T120000Z',
    '2024-5-1T12:00:00Z',
    '2023-02-29T00:00:00Z',
    '2024-04-31T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-00-01T00:00:00Z',
    '2024-05-00T00:00:00Z',
    '0099-01-01T00:00:00Z',
    '2024-05-01T24:00:00Z',
    '2024-05-01T12:60:00Z',
    '2024-05-01T12:00:61Z',
    '2024-05-01T12:00:00+24:00',
    '2024-05-01T12:00:00+02:60',
    '2024-05-01T12:00:00+2',
    '2024-05-01T12:00:00.Z',
    '2024-05-01T12:00.5Z',
    '2024-05-01T12:00:00 Z',
  ])('%s is none', (text) => {
    expect(parseTimestampUs(text)).toBeUndefined();
  });

  const digits = (value: bigint, count: number): string => value.toString().padStart(count, '0');
  /** From 1974 on, when the units are told apart by their size. */
  const anyTimeUs = fc.bigInt(126_230_400_000_000n, 2n ** 53n - 1n);

  it('of any time comes back from each unit', () => {
    fc.assert(
      fc.property(anyTimeUs, fc.nat(999), (timeUs, belowUs) => {
        const nanos = digits(BigInt(belowUs), 3);
        for (const text of [
          `${timeUs / 1_000_000n}.${digits(timeUs % 1_000_000n, 6)}${nanos}`,
          `${timeUs / 1000n}.${digits(timeUs % 1000n, 3)}${nanos}`,
          `${timeUs}`,
          `${timeUs}.${nanos}`,
          `${timeUs}${nanos}`,
        ]) {
          expect(parseTimestampUs(text), text).toBe(Number(timeUs));
        }
      }),
    );
  });

  it('of any time comes back from ISO 8601 with any offset', () => {
    fc.assert(
      fc.property(anyTimeUs, fc.integer({ min: -1439, max: 1439 }), (timeUs, offsetMinutes) => {
        // Its last day may be over by then somewhere.
        const localMs = Number(timeUs / 1000n) + offsetMinutes * 60_000;
        const [sign, minutes] = [offsetMinutes < 0 ? '-' : '+', Math.abs(offsetMinutes)];
        const offset = `${sign}${digits(BigInt(Math.floor(minutes / 60)), 2)}:${digits(BigInt(minutes % 60), 2)}`;
        const text = `${new Date(localMs).toISOString().slice(0, -1)}${digits(timeUs % 1000n, 3)}${offset}`;
        expect(parseTimestampUs(text), text).toBe(Number(timeUs));
      }),
    );
  });

  it('is never anything but a safe integer from 0 on, whatever the text', () => {
    const part = fc.constantFrom('2024', '-', ':', 'T', '05', '01', '12', '.', 'Z', '+', '0', '9', ' ', 'e');
    const text = fc.oneof(
      fc.string(),
      fc.array(part, { maxLength: 14 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (anyText) => {
        const timeUs = parseTimestampUs(anyText);
        if (timeUs === undefined) return;
        expect(Number.isSafeInteger(timeUs) && timeUs >= 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
