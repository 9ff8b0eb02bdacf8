import type { TimedFault } from '../../model/fault.ts';
import type { GoldenSignal } from '../../model/resilience.ts';
import type { TesterSignals } from '../../model/tester-report.ts';
import { parseSamples } from '../parse-samples.ts';

/** One signal over time. Times are seconds since the start of the tool; null where an interval says nothing. */
export interface SignalSeries {
  fromS: number[];
  toS: number[];
  /** Until when what an interval shows may have been decided: a gap that began in it may have been made long later. */
  reachS: number[];
  values: (number | null)[];
}

/**
 * How much earlier a stream that fails was last well. Unit: s. Reason: events come every 100 ms or faster in most streams,
 * and an interval is as long. Doubt: failures of slower streams are put down to what was before.
 */
const FAILS_WITHIN_S = 0.25;

/** Which statistic of a latency is the signal. */
export type LatencyStatistic = 'p50' | 'p90' | 'p99' | 'max';

/** Streams that ended in each interval: what a phase's share of errors is made of. */
export interface StreamEnds extends SignalSeries {
  failed: number[];
  of: number[];
  /** Endless streams that stand in every interval; undefined where streams end by themselves. */
  connections: number | undefined;
}

/** Intervals that a count per time is smoothed over: streams that began together send together. */
const SMOOTHED = 3;

/**
 * @param offsetS start of the tester's window
 * @param connections of an endless stream, of which none completes: the failures are a share of these
 */
export function readErrors(
  signals: TesterSignals,
  offsetS: number,
  connections: number | undefined,
): StreamEnds {
  const of = signals.failed.map((failed, index) =>
    connections === undefined ? failed + (signals.completed[index] ?? 0) : connections,
  );
  return {
    ...axisOf(
      signals,
      offsetS,
      signals.failed.map((failed) => (failed > 0 ? FAILS_WITHIN_S : 0)),
    ),
    failed: signals.failed,
    of,
    connections,
    // Where no stream ended nobody knows whether one would have failed.
    values: signals.failed.map((failed, index) => (of[index] === 0 ? null : failed / of[index]!)),
  };
}

export function readLatency(
  signals: TesterSignals,
  offsetS: number,
  signal: 'ttfe' | 'gap',
  statistic: LatencyStatistic,
): SignalSeries {
  const { [signal]: latency } = signals;
  const reaches = latency.maxUs.map((us) => (us ?? 0) / 1e6);
  return { ...axisOf(signals, offsetS, reaches), values: latency[`${statistic}Us`] };
}

export function readThroughput(
  signals: TesterSignals,
  offsetS: number,
  of: 'events' | 'completed',
): SignalSeries {
  const perSec = signals[of].map((count) => (count * 1000) / signals.intervalMs);
  return { ...axisOf(signals, offsetS), values: smooth(perSec) };
}

/** What of the CPU the target might use, and when: its own limit and the quotas that come and go. */
export interface CpuAllowance {
  cpus: number;
  quotas: { fromS: number; toS: number; cpus: number }[];
}

/** CPU used / CPU allowed, 0..1. Undefined where the text holds no samples of the target. */
export function readSaturation(samplesJson: string, allowance: CpuAllowance): SignalSeries | undefined {
  const samples = parseSamples(samplesJson);
  const series: SignalSeries = { fromS: [], toS: [], reachS: [], values: [] };
  const used: (number | null)[] = [];
  for (let index = 1; index < samples.length; index++) {
    const fromS = samples[index - 1]!.atMs / 1000;
    const toS = samples[index]!.atMs / 1000;
    if (toS <= fromS) continue;
    const cpuMs = samples[index]!.target?.cpuMs;
    series.fromS.push(fromS);
    series.toS.push(toS);
    series.reachS.push(toS);
    used.push(cpuMs === undefined ? null : cpuMs / 1000 / (toS - fromS));
  }
  if (used.every((value) => value === null)) return undefined;
  // Accounts are kept in steps of 10 ms: single intervals under a quota show the steps.
  series.values = smooth(used).map((cpus, index) =>
    cpus === null ? null : Math.min(1, cpus / allowedAt(allowance, series.fromS[index]!, series.toS[index]!)),
  );
  return series;
}

/** When a `cpu` fault was there, with its quota in CPUs. */
export function quotaOf({ amount }: TimedFault, fromS: number, toS: number): CpuAllowance['quotas'][number] {
  return { fromS, toS, cpus: (amount ?? 100) / 100 };
}

function allowedAt({ cpus, quotas }: CpuAllowance, fromS: number, toS: number): number {
  const middleS = (fromS + toS) / 2;
  const quota = quotas.find((each) => middleS >= each.fromS && middleS < each.toS);
  return Math.min(cpus, quota?.cpus ?? cpus);
}

/** @param reaches seconds by which each interval reaches beyond its end */
function axisOf(
  { intervalMs, events }: TesterSignals,
  offsetS: number,
  reaches: readonly number[] = [],
): Pick<SignalSeries, 'fromS' | 'toS' | 'reachS'> {
  const at = (index: number): number => offsetS + (index * intervalMs) / 1000;
  return {
    fromS: events.map((_, index) => at(index)),
    toS: events.map((_, index) => at(index + 1)),
    reachS: events.map((_, index) => at(index + 1) + (reaches[index] ?? 0)),
  };
}

/** Mean over an interval and its neighbours, of those that say something. */
function smooth(values: readonly (number | null)[]): (number | null)[] {
  const reach = (SMOOTHED - 1) / 2;
  return values.map((value, index) => {
    if (value === null) return null;
    const near = values.slice(Math.max(0, index - reach), index + reach + 1).filter((each) => each !== null);
    return near.reduce((sum, each) => sum + each, 0) / near.length;
  });
}

/** The label of a signal in sentences. */
export const SIGNAL_NAME: Record<GoldenSignal, string> = {
  errors: 'error rate',
  ttfe: 'time to first event',
  gap: 'gap between events',
  throughput: 'throughput',
  saturation: 'CPU saturation',
};
