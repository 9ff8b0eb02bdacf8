import { known, type Reading, unknown } from '../model/cell.ts';
import type { LlmCounts, LlmLatencyId, LlmRate, LlmReport } from '../model/llm-report.ts';
import type { TesterLatency } from '../model/tester-report.ts';
import type { LatencySink, LlmTally } from './llm-tally.ts';

/** A sink that can be read again. */
export interface LatencySource extends LatencySink {
  /** Null without samples. */
  summarize(): TesterLatency | null;
}

/**
 * The report of what a tally holds.
 *
 * @param durationUs from the first request to the end of the last stream that is counted, drain time included:
 *   the tokens of streams that end after the deadline are counted too
 */
export function summarizeLlm(tally: LlmTally<LatencySource>, durationUs: number): LlmReport {
  const { counts } = tally;
  const of = (id: LlmLatencyId): TesterLatency | null => tally.latencies[id].summarize();
  const vllm = {
    ttft_us: of('vllm_ttft_us'),
    itl_us: of('vllm_itl_us'),
    tpot_us: of('vllm_tpot_us'),
    e2el_us: of('vllm_e2el_us'),
  };
  const aiperf = {
    ttft_us: of('aiperf_ttft_us'),
    ttfo_us: of('aiperf_ttfo_us'),
    ttst_us: of('aiperf_ttst_us'),
    icl_us: of('aiperf_icl_us'),
    itl_us: of('aiperf_itl_us'),
    request_latency_us: of('aiperf_request_latency_us'),
    output_tokens_per_sec_per_user: toRate(tally.milliTokensPerSec.summarize()),
  };
  const noTokens =
    whyNoTokens(counts) ?? 'no completed stream with usage had two output tokens and a chunk to time them by';
  return {
    counts: { ...counts },
    outputTokensPerSec: readTokensPerSec(counts, durationUs),
    vllm: {
      definition: 'vllm',
      ...vllm,
      whyNot: whyNull(vllm, {
        ttft_us: 'no chunk with choices arrived',
        itl_us: 'no stream had two chunks with choices',
        tpot_us: noTokens,
        e2el_us: 'no stream with choices completed',
      }),
    },
    aiperf: {
      definition: 'aiperf',
      ...aiperf,
      whyNot: whyNull(aiperf, {
        ttft_us: 'no content chunk arrived',
        ttfo_us: 'no content chunk with more than reasoning arrived',
        ttst_us: 'no stream had two content chunks',
        icl_us: 'no stream had two content chunks',
        itl_us: noTokens,
        request_latency_us: 'no stream with content completed',
        output_tokens_per_sec_per_user:
          aiperf.itl_us === null ? noTokens : 'all content of each stream came in one read',
      }),
    },
  };
}

function readTokensPerSec(counts: LlmCounts, durationUs: number): Reading {
  const noTokens = whyNoTokens(counts);
  if (noTokens !== undefined) {
    return unknown(counts.completed === 0 ? 'no-samples' : 'not-observable', noTokens);
  }
  if (counts.streamsWithoutUsage > 0) {
    return unknown(
      'not-observable',
      `${counts.streamsWithoutUsage} of ${counts.completed} completed streams carried no usage, so their tokens are not known`,
    );
  }
  if (!(durationUs > 0)) return unknown('no-samples', 'no time was measured');
  return known((counts.outputTokens * 1e6) / durationUs);
}

/** Undefined where at least one completed stream told its tokens. */
function whyNoTokens({ completed, streamsWithUsage }: LlmCounts): string | undefined {
  if (completed === 0) return 'no stream completed';
  if (streamsWithUsage > 0) return undefined;
  return 'no completed stream carried usage, so its tokens are not known: ask for stream_options.include_usage';
}

function whyNull<Id extends string>(
  values: Record<Id, unknown>,
  reasons: Record<Id, string>,
): Partial<Record<Id, string>> {
  const ids = (Object.keys(reasons) as Id[]).filter((id) => values[id] === null);
  return Object.fromEntries(ids.map((id) => [id, reasons[id]])) as Partial<Record<Id, string>>;
}

function toRate(milli: TesterLatency | null): LlmRate | null {
  if (milli === null) return null;
  const { count, min, max, mean, p50, p90, p99 } = milli;
  return {
    count,
    min: min / 1000,
    max: max / 1000,
    mean: mean / 1000,
    p50: p50 / 1000,
    p90: p90 / 1000,
    p99: p99 / 1000,
  };
}
