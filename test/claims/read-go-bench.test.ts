import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readGoBench } from '../../src/claims/read-go-bench.ts';

/** go test -bench . -benchmem -benchtime 200ms, go1.26.8 linux/amd64 */
const OUTPUT = `goos: linux
goarch: amd64
pkg: article-go
cpu: AMD EPYC
BenchmarkWriter/plain-2         \t  267727\t      1020 ns/op\t    1184 B/op\t       3 allocs/op
BenchmarkWriter/pooled-2        \t  318385\t       674.1 ns/op\t    1152 B/op\t       1 allocs/op
PASS
ok  \tarticle-go\t1.119s
`;

test('figures are named by benchmark and unit', () => {
  expect(readGoBench(OUTPUT)).toEqual({
    'writer/plain.ns_per_op': { value: 1020, unit: 'ns/op' },
    'writer/plain.bytes_per_op': { value: 1184, unit: 'B/op' },
    'writer/plain.allocs_per_op': { value: 3, unit: 'allocs/op' },
    'writer/pooled.ns_per_op': { value: 674.1, unit: 'ns/op' },
    'writer/pooled.bytes_per_op': { value: 1152, unit: 'B/op' },
    'writer/pooled.allocs_per_op': { value: 1, unit: 'allocs/op' },
  });
});

test('of several runs the least value counts', () => {
  const text = 'BenchmarkA 10 30 ns/op\nBenchmarkA 10 20 ns/op\nBenchmarkA 10 25 ns/op\n';
  expect(readGoBench(text)).toEqual({ 'a.ns_per_op': { value: 20, unit: 'ns/op' } });
});

test('without a processor count, with bytes per second and a unit of its own', () => {
  expect(readGoBench('BenchmarkB   \t5\t2e+06 ns/op\t 12.5 MB/s\t 7 streams/op')).toEqual({
    'b.ns_per_op': { value: 2e6, unit: 'ns/op' },
    'b.mb_per_s': { value: 12.5, unit: 'MB/s' },
    'b.streams/op': { value: 7, unit: 'streams/op' },
  });
});

test.each(['', 'FAIL\tarticle-go [build failed]', 'BenchmarkC', 'BenchmarkC-2'])(
  '%j has no figures',
  (text) => {
    expect(readGoBench(text)).toEqual({});
  },
);

test('every figure of any output is a finite number', () => {
  const word = fc.constantFrom(
    'BenchmarkA-2',
    'Benchmark__proto__',
    '10',
    '1e999',
    'ns/op',
    'B/op',
    '\n',
    '\t',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 20 }), (words) => {
      for (const { value } of Object.values(readGoBench(words.join(' '))))
        expect(value).toSatisfy(Number.isFinite);
    }),
  );
});
