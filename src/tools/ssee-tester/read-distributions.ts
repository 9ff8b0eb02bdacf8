import { decodeFromCompressedBase64, type JsHistogram } from 'hdr-histogram-js';
import { LATENCIES, type LatencyBase } from '../../model/metrics.ts';
import type { TesterLatency, TesterReport } from '../../model/tester-report.ts';
import type { LatencyDistribution } from '../../model/tool.ts';
import type { LatencyCount } from '../latency-readings.ts';

const OPEN_LOOP_BASES = ['ttfb_us', 'ttfe_us', 'stream_us'] as const;

/**
 * The histograms of a report. Service times, from the actual send, are uncorrected; response times of an open loop,
 * from the intended one, are corrected as they are recorded.
 */
export function readDistributions(report: TesterReport): LatencyDistribution[] {
  const service = (Object.keys(LATENCIES) as LatencyBase[]).flatMap((base) =>
    distributionOf(base, 'none', report.latencies[base]),
  );
  const response = OPEN_LOOP_BASES.flatMap((base) =>
    distributionOf(base, 'at-recording', report.openLoop?.responseTimes[base]),
  );
  return [...service, ...response];
}

function distributionOf(
  base: LatencyBase,
  corrected: LatencyDistribution['corrected'],
  latency: TesterLatency | null | undefined,
): LatencyDistribution[] {
  const counts = latency ? decodeCounts(latency) : [];
  return counts.length === 0 ? [] : [{ base, corrected, counts }];
}

/** Empty where the text is no histogram: a report may come from anywhere. */
function decodeCounts({ histogram, min, max }: TesterLatency): LatencyCount[] {
  try {
    const decoded = decodeFromCompressedBase64(histogram) as JsHistogram;
    const values = decoded.recordedValuesIterator;
    values.reset();
    const counts: LatencyCount[] = [];
    while (values.hasNext()) {
      const { valueIteratedTo, countAddedInThisIterationStep } = values.next();
      // A bucket is named by its highest value, which nothing may have reached.
      const value = Math.max(min, Math.min(max, valueIteratedTo));
      if (countAddedInThisIterationStep > 0) counts.push([value, countAddedInThisIterationStep]);
    }
    return counts;
  } catch {
    return [];
  }
}
