import type { Reading } from './cell.ts';
import type { MetricDefinition } from './metrics.ts';
import type { TesterLatency } from './tester-latency.ts';

/**
 * Latencies of token streams in two families, because the two tools that most published figures come from give
 * different meanings to the same names. docs/llm-metrics.md has the words used here and a worked example.
 *
 * Sources: vLLM's serving benchmark (vllm/benchmarks/lib/endpoint_request_func.py and serve.py) and NVIDIA AIPerf's
 * metrics reference with its metric classes, both as of 2026.
 */
export const LLM_LATENCIES = {
  vllm_ttft_us: def(
    'us',
    'lower',
    'vllm-ttft/1',
    'request written to first chunk with choices, also an empty one',
  ),
  vllm_itl_us: def(
    'us',
    'lower',
    'vllm-itl/1',
    'chunk with choices to next chunk with choices of the stream',
  ),
  vllm_tpot_us: def(
    'us',
    'lower',
    'vllm-tpot/1',
    '(vllm e2el - vllm ttft) / (output tokens - 1), per stream',
  ),
  vllm_e2el_us: def(
    'us',
    'lower',
    'vllm-e2el/1',
    'request written to last chunk with choices, of completed streams',
  ),
  aiperf_ttft_us: def('us', 'lower', 'aiperf-ttft/1', 'request written to first content chunk'),
  aiperf_ttfo_us: def(
    'us',
    'lower',
    'aiperf-ttfo/1',
    'request written to first content chunk with more than reasoning',
  ),
  aiperf_ttst_us: def('us', 'lower', 'aiperf-ttst/1', 'first content chunk to second content chunk'),
  aiperf_icl_us: def('us', 'lower', 'aiperf-icl/1', 'content chunk to next content chunk of the stream'),
  aiperf_itl_us: def(
    'us',
    'lower',
    'aiperf-itl/1',
    '(aiperf request latency - aiperf ttft) / (output tokens - 1), per stream',
  ),
  aiperf_request_latency_us: def(
    'us',
    'lower',
    'aiperf-request-latency/1',
    'request written to last content chunk, of completed streams',
  ),
} satisfies Record<string, MetricDefinition>;
export type LlmLatencyId = keyof typeof LLM_LATENCIES;

/** Rates of token streams. */
export const LLM_RATES = {
  output_tokens_per_sec: def(
    '1/s',
    'higher',
    'output-tokens/1',
    'output tokens of completed streams / time from first request to end of last stream',
  ),
  aiperf_output_tokens_per_sec_per_user: def(
    '1/s',
    'higher',
    'aiperf-tokens-per-user/1',
    '1 / (aiperf itl in seconds), per stream; none where that is 0',
  ),
} satisfies Record<string, MetricDefinition>;

/** What was counted. `begun = completed + cut` once all streams have ended. */
export interface LlmCounts {
  begun: number;
  /** Ended as HTTP says a response ends. */
  completed: number;
  /** Ended in any other way: their first chunks and gaps count, their tokens do not. */
  cut: number;
  /** Completed streams that told their number of output tokens (`usage.completion_tokens`) ... */
  streamsWithUsage: number;
  /** ... and those that did not. */
  streamsWithoutUsage: number;
  /** Completed streams without `data: [DONE]`. */
  missingDone: number;
  /** Completed streams without a single chunk with choices; vLLM's benchmark calls these failed. */
  withoutChunks: number;
  /** Events with at least one choice. */
  chunks: number;
  /** Of these, the ones that carry generated text. */
  contentChunks: number;
  /** Events with neither choices nor usage nor `[DONE]`, e.g. an error that the server reports within the stream. */
  otherEvents: number;
  /** Sum of `usage.completion_tokens` over `streamsWithUsage`. */
  outputTokens: number;
}

/** Distribution of a rate over streams, in 1/s. */
export interface LlmRate {
  /** Streams that had one. */
  count: number;
  min: number;
  max: number;
  mean: number;
  p50: number;
  p90: number;
  p99: number;
}

type VllmLatency = 'ttft_us' | 'itl_us' | 'tpot_us' | 'e2el_us';
type AiperfLatency = 'ttft_us' | 'ttfo_us' | 'ttst_us' | 'icl_us' | 'itl_us' | 'request_latency_us';
type AiperfRate = 'output_tokens_per_sec_per_user';

/** Null where there is no sample; `whyNot` then has one sentence without final full stop. */
export type VllmReport = { definition: 'vllm'; whyNot: Partial<Record<VllmLatency, string>> } & Record<
  VllmLatency,
  TesterLatency | null
>;

/** Null where there is no sample; `whyNot` then has one sentence without final full stop. */
export type AiperfReport = {
  definition: 'aiperf';
  whyNot: Partial<Record<AiperfLatency | AiperfRate, string>>;
} & Record<AiperfLatency, TesterLatency | null> &
  Record<AiperfRate, LlmRate | null>;

/** Token metrics of one load. Latencies in integer microseconds. */
export interface LlmReport {
  counts: LlmCounts;
  /** In 1/s, the same in both families. */
  outputTokensPerSec: Reading;
  vllm: VllmReport;
  aiperf: AiperfReport;
}

function def(
  unit: MetricDefinition['unit'],
  better: MetricDefinition['better'],
  definition: string,
  formula: string,
): MetricDefinition {
  return { unit, better, definition, formula };
}
