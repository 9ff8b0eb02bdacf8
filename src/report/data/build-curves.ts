import { LATENCIES, type LatencyBase } from '../../model/metrics.ts';
import { type Correction, curveTail, type LatencyCurve } from '../../model/report-data.ts';
import type { LatencyDistribution } from '../../model/tool.ts';
import { LatencyTally } from '../../stats/latency-tally.ts';

const CORRECTIONS: readonly Correction[] = ['none', 'at-recording', 'post-recording'];

/** Merges the distributions of an arm's rounds into curves. */
export class CurveBuilder {
  readonly #tallies = new Map<string, LatencyTally>();

  add(distributions: readonly LatencyDistribution[]): void {
    for (const { base, corrected, counts } of distributions) {
      const key = `${base} ${corrected}`;
      const tally = this.#tallies.get(key) ?? new LatencyTally();
      this.#tallies.set(key, tally);
      for (const [valueUs, count] of counts) tally.add(valueUs, count);
    }
  }

  /** Curves with at least one sample, in the order of the metrics. */
  build(): LatencyCurve[] {
    return (Object.keys(LATENCIES) as LatencyBase[]).flatMap((base) =>
      CORRECTIONS.flatMap((corrected) => {
        const tally = this.#tallies.get(`${base} ${corrected}`);
        return tally && tally.samples > 0 ? [curveOf(base, corrected, tally)] : [];
      }),
    );
  }
}

/** As far into the tail as there are samples: the point beyond is the maximum. */
function curveOf(base: LatencyBase, corrected: Correction, tally: LatencyTally): LatencyCurve {
  const { samples } = tally;
  const shares: number[] = [];
  while (curveTail(shares.length) * samples > 1) shares.push(1 - curveTail(shares.length));
  return { base, corrected, samples, valuesUs: [...tally.valuesAt(shares), tally.max()!] };
}
