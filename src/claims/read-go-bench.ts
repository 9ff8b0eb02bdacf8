import type { ProbeFigure } from '../model/claim.ts';

/** Units of `go test -bench -benchmem` with the end of their figure's id; those of ReportMetric keep their own words. */
const SUFFIX_OF_UNIT: Record<string, string> = {
  'ns/op': 'ns_per_op',
  'B/op': 'bytes_per_op',
  'allocs/op': 'allocs_per_op',
  'MB/s': 'mb_per_s',
};

/**
 * What `go test -bench` printed, as figures `<benchmark>.<unit>`: `parse/regexp.ns_per_op`. Of a benchmark that ran several
 * times (`-count`) the least value counts: other programs make a run slower and never faster.
 *
 * `BenchmarkParse/regexp-2    1000    1843 ns/op    42 B/op    2 allocs/op`
 */
export function readGoBench(text: string): Record<string, ProbeFigure> {
  const figures: Record<string, ProbeFigure> = {};
  for (const line of text.split('\n')) {
    const [, name, measured] = /^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+(.*)$/.exec(line.trim()) ?? [];
    if (name === undefined || measured === undefined) continue;
    for (const [, digits, unit] of measured.matchAll(/(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s+(\S+)/g)) {
      const value = Number(digits);
      // A number too large for a double becomes infinite.
      if (!Number.isFinite(value)) continue;
      const id = `${name.charAt(0).toLowerCase()}${name.slice(1)}.${SUFFIX_OF_UNIT[unit!] ?? unit}`;
      const before = Object.hasOwn(figures, id) ? figures[id] : undefined;
      figures[id] = { value: before ? Math.min(Number(before.value), value) : value, unit: unit! };
    }
  }
  return figures;
}
