import type { LatencyCount } from '../latency-readings.ts';

export interface CorrectedRun {
  durationUs: number;
  /** Responses that wrk counted. */
  requests: number;
  /** Responses slower than --timeout: counted, but without a sample. */
  timeouts: number;
  /** As asked for with -c, whatever wrk really opened. */
  connections: number;
  /** wrk's histogram, in any order. */
  histogram: readonly LatencyCount[];
}

/**
 * The latencies that wrk 4 recorded, from the ones it reports.
 *
 * After a run wrk adds samples for coordinated omission, without a switch to stop it. With the interval
 * E = floor(duration / floor(requests / connections)), every sample at n >= 2E is added again at n - E, n - 2E, ...
 * as long as that is above E. Additions only go downwards, and only along one residue class modulo E. So from the
 * highest value down
 *
 *     raw[v] = reported[v] - (v > E ? raw[v + E] + raw[v + 2E] + ... : 0)
 *
 * and one running sum per residue class makes it linear in the number of distinct values, whatever their range.
 *
 * @returns the raw counts, ascending; undefined when the result is not what such a run can have produced: a negative
 *   count, a gap where an added sample must be, or a total other than requests - timeouts
 */
export function undoCorrection(run: CorrectedRun): LatencyCount[] | undefined {
  const expected = run.requests - run.timeouts;
  const intervalUs = correctionIntervalUs(run);
  if (expected < 0 || intervalUs === 0) return undefined;
  const descending = [...run.histogram].sort(([a], [b]) => b - a);
  const raw = intervalUs === undefined ? descending : subtractAdded(descending, intervalUs);
  if (raw === undefined) return undefined;
  const total = raw.reduce((sum, [, count]) => sum + count, 0);
  return total === expected ? raw.reverse() : undefined;
}

/** E in microseconds; undefined where wrk leaves the histogram alone. */
function correctionIntervalUs({ durationUs, requests, connections }: CorrectedRun): number | undefined {
  const perConnection = Math.floor(requests / connections);
  return perConnection > 0 ? Math.floor(durationUs / perConnection) : undefined;
}

function subtractAdded(descending: readonly LatencyCount[], intervalUs: number): LatencyCount[] | undefined {
  /** Per residue class: samples recorded so far, each of which was added at every further step down. */
  const above = new Map<number, { samples: number; lastUs: number }>();
  const raw: LatencyCount[] = [];
  for (const [value, count] of descending) {
    if (value <= intervalUs) {
      raw.push([value, count]);
      continue;
    }
    const residue = value % intervalUs;
    const earlier = above.get(residue);
    const samples = earlier?.samples ?? 0;
    if (earlier && earlier.lastUs - value !== intervalUs) return undefined;
    const recorded = count - samples;
    if (recorded < 0) return undefined;
    if (recorded > 0) raw.push([value, recorded]);
    above.set(residue, { samples: samples + recorded, lastUs: value });
  }
  const complete = [...above.values()].every(({ lastUs }) => lastUs - intervalUs <= intervalUs);
  return complete ? raw : undefined;
}
