import type { LlmLatencyId, LlmReport } from '../model/llm-report.ts';
import { OUTCOMES } from '../model/outcome.ts';
import type { TesterLatency, TesterResult } from '../model/tester-report.ts';
import { addLlmCounts, LlmTally } from '../sse/llm-tally.ts';
import { DEFAULT_SILENCE_LIMIT_MS } from '../sse/silence-audit.ts';
import { summarizeLlm } from '../sse/summarize-llm.ts';
import { findDeathClusters } from '../stats/deadline-deaths.ts';
import { kaplanMeier } from '../stats/kaplan-meier.ts';
import { LatencyRecorder } from './latency-recorder.ts';
import type { LoadOptions } from './load-options.ts';
import {
  DEATHS,
  type Death,
  type LlmData,
  mergeTallies,
  type RecorderName,
  statusCodesOf,
  TALLY_INTERVAL_MS,
  type TallyData,
} from './load-tally.ts';
import type { ThreadResult } from './load-thread.ts';
import { summarizeSignals } from './signal-recorder.ts';

/** One result from those of all threads. `rssBytes` is of the process at the end. */
export function summarizeLoad(
  options: LoadOptions,
  threads: readonly ThreadResult[],
  rssBytes: number,
): TesterResult {
  const tally = mergeTallies(threads.map((thread) => thread.tally));
  // Rates are of the longest window: threads that start a little apart must not make the load look faster.
  const durationMs = Math.max(...threads.map((thread) => thread.durationMs));
  const drainMs = Math.max(...threads.map((thread) => thread.drainMs));
  const { counters } = tally;
  const outcomes = { attempted: counters.attempted } as TesterResult['outcomes'];
  OUTCOMES.forEach((outcome, index) => {
    outcomes[outcome] = tally.outcomes[index]!;
  });
  const askedMs = options.connections * durationMs;
  const cpuUs = Math.max(...threads.map((thread) => thread.selfCheck.cpuUs));
  return {
    interrupted: threads.some((thread) => thread.interrupted),
    window: {
      startedAtMs: Math.min(...threads.map((thread) => thread.startedAtMs)),
      durationUs: Math.round(durationMs * 1000),
      drainUs: Math.round(drainMs * 1000),
    },
    outcomes,
    completedInWindow: counters.completedInWindow,
    completedInDrain: outcomes.completed - counters.completedInWindow,
    timeouts: tally.timeouts,
    events: counters.events,
    eventsTotal: counters.eventsTotal,
    comments: counters.comments,
    reads: counters.reads,
    bytesReceived: counters.bytesReceived,
    connectionsOpened: counters.connectionsOpened,
    staleReuses: counters.staleReuses,
    reconnects: counters.reconnects,
    tapDropped: counters.tapDropped,
    statusCodes: statusCodesOf(tally),
    errors: Object.fromEntries(tally.errors),
    latencies: {
      connect_us: summarize(tally, 'connect'),
      ttfb_us: summarize(tally, 'ttfb'),
      ttfe_us: summarize(tally, 'ttfe'),
      gap_us: summarize(tally, 'gap'),
      stream_us: summarize(tally, 'stream'),
      delivery_lag_us: summarize(tally, 'deliveryLag'),
    },
    headParseUs: summarize(tally, 'headParse'),
    recoveryUs: summarize(tally, 'recovery'),
    survival: readSurvival(tally),
    ...(options.arrivals === undefined ? {} : { openLoop: readOpenLoop(tally) }),
    ...(tally.llm === null ? {} : { llm: readLlm(tally.llm, durationMs + drainMs) }),
    holdRatio: askedMs > 0 ? Math.min(1, counters.openMs / askedMs) : 0,
    sequence: tally.sequence,
    audit: readAudit(options, tally),
    selfCheck: {
      cpuUs,
      cpuShare: durationMs > 0 ? cpuUs / (durationMs * 1000) : 0,
      busiestThread: Math.max(...threads.map((thread) => thread.selfCheck.busyShare)),
      loopDelayP99Us: Math.max(...threads.map((thread) => thread.selfCheck.loopDelayP99Us)),
      rssBytes,
    },
    series: {
      intervalMs: TALLY_INTERVAL_MS,
      events: [...tally.series.events],
      completed: [...tally.series.completed],
      open: [...tally.series.open],
    },
    ...(tally.signals === null ? {} : { signals: summarizeSignals(tally.signals) }),
    ...(tally.firstError === undefined ? {} : { firstError: tally.firstError }),
  };
}

/** More lifetimes take longer to sort than a load should take to end. */
const MOST_LIFETIMES = 2_000_000;
const MOST_STEPS = 200;

function readSurvival(tally: TallyData): TesterResult['survival'] {
  const died = DEATHS.map((death) => new LatencyRecorder(tally.deaths[death]));
  const alive = [new LatencyRecorder(tally.deaths.censored), new LatencyRecorder(tally.latencies.stream)];
  const count = [...died, ...alive].reduce((sum, recorder) => sum + recorder.count, 0);
  if (count > MOST_LIFETIMES || died.every((recorder) => recorder.count === 0)) return null;
  const lifetimesMs = new Float64Array(count);
  const ended = new Uint8Array(count);
  let filled = 0;
  const add = (recorder: LatencyRecorder, cause: number): void =>
    recorder.forEachBucket((us, times) => {
      lifetimesMs.fill(us / 1000, filled, filled + times);
      ended.fill(cause, filled, filled + times);
      filled += times;
    });
  died.forEach((recorder, index) => {
    add(recorder, index + 1);
  });
  for (const recorder of alive) add(recorder, 0);
  const curve = kaplanMeier(lifetimesMs, ended, MOST_STEPS);
  const agesMs = lifetimesMs.filter((_, index) => ended[index]! > 0);
  return {
    lifetimes: curve.count,
    deaths: Object.fromEntries(DEATHS.map((death, index) => [death, died[index]!.count])) as Record<
      Death,
      number
    >,
    medianMs: curve.medianMs,
    endMs: curve.endMs,
    steps: curve.steps.map(({ atMs, survival, low, high }) => ({ atMs, survival, low, high })),
    clusters: findDeathClusters(agesMs),
  };
}

/** Streams that end in the drain time bring tokens: it belongs to what these are divided by. */
function readLlm(data: LlmData, durationMs: number): LlmReport {
  const llm = new LlmTally(() => new LatencyRecorder());
  addLlmCounts(llm.counts, data.counts);
  for (const id of Object.keys(data.latencies) as LlmLatencyId[]) llm.latencies[id].add(data.latencies[id]);
  llm.milliTokensPerSec.add(data.milliTokensPerSec);
  return summarizeLlm(llm, Math.round(durationMs * 1000));
}

function readAudit(options: LoadOptions, tally: TallyData): TesterResult['audit'] {
  const { counters, silence } = tally;
  return {
    head: tally.headAudit,
    silence: {
      limitMs: options.silenceLimitMs ?? DEFAULT_SILENCE_LIMIT_MS,
      overLimit: silence.silencesOverLimit,
      longestMs: measured(silence.longestSilenceMs),
      longestIsOpen: silence.longestIsOpen,
    },
    comments: { bad: counters.badComments, longestIntervalMs: measured(silence.longestCommentIntervalMs) },
    retry: {
      seen: counters.retries,
      bad: counters.badRetries,
      overLimit: counters.retriesOverLimit,
      limit: options.retryLimit ?? null,
    },
  };
}

/** Null for what there was nothing to measure of. */
function measured(ms: number): number | null {
  return Number.isNaN(ms) ? null : ms;
}

function readOpenLoop(tally: TallyData): NonNullable<TesterResult['openLoop']> {
  const { arrivals, unsentArrivals, longestQueue } = tally.counters;
  return {
    arrivals,
    unsent: unsentArrivals,
    longestQueue,
    sendLatenessUs: summarize(tally, 'sendLateness'),
    responseTimes: {
      ttfb_us: summarize(tally, 'responseTtfb'),
      ttfe_us: summarize(tally, 'responseTtfe'),
      stream_us: summarize(tally, 'responseStream'),
    },
  };
}

function summarize(tally: TallyData, name: RecorderName): TesterLatency | null {
  return new LatencyRecorder(tally.latencies[name]).summarize();
}
