import { type Reading, unknown } from '../../model/cell.ts';
import { LATENCY_STATS, type LatencyStat } from '../../model/metrics.ts';
import { QUANTILES, type Quantile, tooFewSamples } from '../../stats/quantiles.ts';
import type { LatencyRecord } from '../latency-record.ts';
import type { ResponseLayout } from '../tcp-flow.ts';
import type { Tally } from './flow-tally.ts';
import { DECIDED_SHARE, withNote } from './reading.ts';

type LatencyReadings = Record<LatencyStat, Reading>;

/** The same reading for every statistic. */
export function spread(reading: Reading): LatencyReadings {
  return Object.fromEntries(LATENCY_STATS.map((stat) => [stat, reading])) as LatencyReadings;
}

/** Statistics of one record, each only from as many samples as it needs. */
export function readLatency(record: LatencyRecord, whyNone: string, note?: string): LatencyReadings {
  const total = record.count();
  if (total === 0) return spread(unknown('no-samples', whyNone));
  const readQuantile = (stat: Quantile): Reading =>
    total < QUANTILES[stat].needs
      ? unknown('no-samples', tooFewSamples(total, stat))
      : withNote(record.percentile(100 * QUANTILES[stat].share), note);
  return {
    p50: readQuantile('p50'),
    p90: readQuantile('p90'),
    p99: readQuantile('p99'),
    p999: readQuantile('p999'),
    max: withNote(record.max(), note),
    mean: withNote(record.mean(), note),
  };
}

/** Time to the first event, seen in the capture or placed by the layout of the probe. */
export function readTtfe(tally: Tally, layout: ResponseLayout | undefined): LatencyReadings {
  if (tally.responses === 0) return spread(unknown('no-samples', 'no request was answered'));
  if (tally.ttfeDecided < DECIDED_SHARE * tally.responses) {
    const detail =
      `in ${tally.responses - tally.ttfeDecided} of ${tally.responses} responses the bytes that would show ` +
      'the first event were not captured';
    return spread(unknown('not-observable', detail));
  }
  const notes: string[] = [];
  if (tally.ttfeDecided < tally.responses) {
    notes.push(`decided for ${tally.ttfeDecided} of ${tally.responses} responses`);
  }
  if (layout && tally.ttfeByLayout > 0) {
    notes.push(
      `${tally.ttfeByLayout} placed by the probe's response, whose first event begins at byte ${layout.firstEventAt}`,
    );
  }
  const note = notes.length > 0 ? notes.join('; ') : undefined;
  return readLatency(tally.ttfe, 'no response held an event', note);
}
