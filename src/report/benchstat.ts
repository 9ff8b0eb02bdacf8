import type { Comparison } from '../model/comparison.ts';
import { METRICS, type MetricId } from '../model/metrics.ts';
import { cleanText } from './clean-text.ts';

/** Go's units where it has them: times in seconds, shown by benchstat in what fits. */
const UNITS: Record<string, { suffix: string; scale: number }> = {
  us: { suffix: 'sec', scale: 1e-6 },
  s: { suffix: 'sec', scale: 1 },
  '1/s': { suffix: 'per-sec', scale: 1 },
  // Their names end in `rate` or `ratio` already.
  ratio: { suffix: '', scale: 1 },
  bytes: { suffix: 'B', scale: 1 },
};

/**
 * The measured trials in Go's benchmark format, one line each, for `benchstat OLD NEW`: a sample is one trial's
 * aggregate. See https://go.dev/design/14313-benchmark-format.
 */
export function reportBenchstat(comparison: Comparison): string {
  const { scenario, environment, arms } = comparison;
  const units = new Map<string, string>();
  const lines = arms.flatMap((arm) =>
    arm.trials
      .filter((trial) => trial.kind === 'measured' && trial.state === 'done')
      .flatMap((trial) => {
        const values = (Object.entries(METRICS) as [MetricId, (typeof METRICS)[MetricId]][]).flatMap(
          ([id, { unit, better }]) => {
            const cell = trial.metrics[id];
            const known = UNITS[unit];
            if (!cell?.known || typeof cell.value !== 'number' || !known) return [];
            const name = unitName(id, known.suffix);
            if (better !== 'neither') units.set(name, better);
            return [`${writeNumber(cell.value * known.scale)} ${name}`];
          },
        );
        // The last number is taken for GOMAXPROCS and cut off: an arm called `x-2` would lose its end without it.
        const name = `BenchmarkStream/arm=${nameText(arm.id)}-${environment.cpus}`;
        return values.length === 0 ? [] : [`${name} 1 ${values.join(' ')}`];
      }),
  );
  // benchstat keeps results apart that differ in one of these, so only what makes them another experiment is here.
  return [
    `scenario: ${cleanText(scenario.name)}`,
    `sha256: ${cleanText(scenario.sha256)}`,
    `cpu: ${cleanText(environment.cpuModel)}`,
    '',
    ...[...units].map(([name, better]) => `Unit ${name} better=${better}`),
    '',
    ...lines,
    '',
  ].join('\n');
}

/** `ttfb_us_p99` in seconds is `ttfb-p99-sec`. */
function unitName(id: MetricId, suffix: string): string {
  const plain = id
    .replace(/_us(?=_|$)/, '')
    .replace(/_(per_sec|s)$/, '')
    .replaceAll('_', '-');
  return suffix === '' ? plain : `${plain}-${suffix}`;
}

/** Names have no spaces, and `/` and `=` divide them into parts. */
function nameText(text: string): string {
  return cleanText(text).replace(/[^\w.@:+-]+/g, '_');
}

/** Without an exponent's plus sign, which the format does not forbid and readers may. */
function writeNumber(value: number): string {
  return String(Number(value.toPrecision(9))).replace('e+', 'e');
}
