import { LLM_LATENCIES, type LlmCounts, type LlmLatencyId } from '../model/llm-report.ts';

/** Where durations go. `LatencyRecorder` of the tester is one. */
export interface LatencySink {
  /** @param us whole microseconds, not negative */
  recordUs(us: number, times: number): void;
}

/**
 * What the token streams of one thread add up to. Counts and sinks are apart, so that the results of several threads
 * can be added: counts by `addLlmCounts`, sinks in the way of their kind.
 */
export class LlmTally<Sink extends LatencySink = LatencySink> {
  readonly counts: LlmCounts = createLlmCounts();
  readonly latencies: Record<LlmLatencyId, Sink>;
  /** Output tokens per second of each stream in thousandths, so that a recorder of whole numbers keeps the digits. */
  readonly milliTokensPerSec: Sink;

  constructor(createSink: () => Sink) {
    this.latencies = Object.fromEntries(Object.keys(LLM_LATENCIES).map((id) => [id, createSink()])) as Record<
      LlmLatencyId,
      Sink
    >;
    this.milliTokensPerSec = createSink();
  }
}

function createLlmCounts(): LlmCounts {
  return {
    begun: 0,
    completed: 0,
    cut: 0,
    streamsWithUsage: 0,
    streamsWithoutUsage: 0,
    missingDone: 0,
    withoutChunks: 0,
    chunks: 0,
    contentChunks: 0,
    otherEvents: 0,
    outputTokens: 0,
  };
}

/** Adds the counts of another thread. */
export function addLlmCounts(into: LlmCounts, from: LlmCounts): void {
  for (const key of Object.keys(into) as (keyof LlmCounts)[]) into[key] += from[key];
}
