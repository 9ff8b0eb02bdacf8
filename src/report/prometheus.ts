import type { ArmComparison, Comparison } from '../model/comparison.ts';
import { LATENCIES, LATENCY_STATS, METRICS, type MetricId } from '../model/metrics.ts';
import { OUTCOME_ROWS } from '../model/outcome.ts';
import { cleanText } from './clean-text.ts';

/** A family of gauges with one sample per label set. */
interface Family {
  name: string;
  help: string;
  samples: { labels: Record<string, string>; value: number }[];
}

const SCALES: Record<string, { suffix: string; scale: number }> = {
  us: { suffix: '_seconds', scale: 1e-6 },
  s: { suffix: '_seconds', scale: 1 },
  '1/s': { suffix: '', scale: 1 },
  ratio: { suffix: '_ratio', scale: 1 },
  bytes: { suffix: '_bytes', scale: 1 },
};

/**
 * Text format 0.0.4 for the textfile collector of node_exporter: gauges in base units, one sample per arm. A value that
 * is not known has no sample; Prometheus has no other way to say so.
 */
export function reportPrometheus(comparison: Comparison): string {
  const { arms, startedAt, scenario, harnessVersion } = comparison;
  const seconds = Date.parse(startedAt) / 1000;
  const families: Family[] = [
    {
      name: 'ssee_bench_run_info',
      help: 'The run that the other samples are of.',
      samples: [
        {
          labels: {
            scenario: scenario.name,
            sha256: scenario.sha256,
            version: harnessVersion,
            state: comparison.state,
          },
          value: 1,
        },
      ],
    },
    {
      name: 'ssee_bench_run_started_timestamp_seconds',
      help: 'Start of the run.',
      samples: Number.isFinite(seconds) ? [{ labels: { scenario: scenario.name }, value: seconds }] : [],
    },
    ...latencyFamilies(comparison),
    ...scalarFamilies(comparison),
    {
      name: 'ssee_bench_streams',
      help: 'Streams by how they ended, summed over the measured rounds.',
      samples: arms.flatMap((arm) =>
        OUTCOME_ROWS.flatMap((row) => {
          const cell = arm.outcomes[row];
          if (!cell.known || typeof cell.value !== 'number') return [];
          return [{ labels: { ...labelsOf(comparison, arm), outcome: row }, value: cell.value }];
        }),
      ),
    },
  ];
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(writeFamily)
    .join('');
}

function latencyFamilies(comparison: Comparison): Family[] {
  return Object.entries(LATENCIES).map(([base, text]) => ({
    name: `ssee_bench_${base.replace(/_us$/, '')}_seconds`,
    help: `${text}.`,
    samples: comparison.arms.flatMap((arm) =>
      LATENCY_STATS.flatMap((stat) => {
        const cell = arm.metrics[`${base}_${stat}` as MetricId];
        if (!cell.known || typeof cell.value !== 'number') return [];
        return [{ labels: { ...labelsOf(comparison, arm), stat }, value: cell.value * 1e-6 }];
      }),
    ),
  }));
}

function scalarFamilies(comparison: Comparison): Family[] {
  const ids = (Object.keys(METRICS) as MetricId[]).filter(
    (id) => !Object.keys(LATENCIES).some((base) => id.startsWith(`${base}_`)),
  );
  return ids.flatMap((id) => {
    const { unit, formula } = METRICS[id];
    const scale = SCALES[unit];
    if (!scale) return [];
    const plain = id.replace(/_(us|s)(?=_|$)/, '').replace(/_bytes$|^bytes_/, '');
    return [
      {
        name: `ssee_bench_${plain}${plain.endsWith(scale.suffix) ? '' : scale.suffix}`,
        help: `${formula}.`,
        samples: comparison.arms.flatMap((arm) => {
          const cell = arm.metrics[id];
          if (!cell.known || typeof cell.value !== 'number') return [];
          return [{ labels: labelsOf(comparison, arm), value: cell.value * scale.scale }];
        }),
      },
    ];
  });
}

function labelsOf({ scenario }: Comparison, arm: ArmComparison): Record<string, string> {
  return { scenario: scenario.name, arm: arm.id, tool: arm.tool };
}

function writeFamily({ name, help, samples }: Family): string {
  const lines = samples.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
    return `${name}{${pairs.join(',')}} ${Number(value.toPrecision(12))}`;
  });
  return `${[`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} gauge`, ...lines].join('\n')}\n`;
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}

function escapeHelp(text: string): string {
  return cleanText(text).replaceAll('\\', '\\\\');
}
