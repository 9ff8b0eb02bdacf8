import {
  LIVE_BUCKETS_MS,
  type LiveLatency,
  type LiveLatencyName,
  type LiveSample,
} from '../../model/live-sample.ts';
import { OUTCOMES, type Outcome } from '../../model/outcome.ts';
import { LatencyRecorder } from '../latency-recorder.ts';
import type { LoadOptions } from '../load-options.ts';
import { DEATHS, mergeTallies, statusCodesOf, type TallyData } from '../load-tally.ts';

/** What one thread shows of itself while it works. */
export interface ThreadSample {
  tally: TallyData;
  loopDelayP99Us: number;
}

/** Turns tallies, which only ever grow, into samples of what happened since the one before. */
export class LiveSampler {
  private readonly options: LoadOptions;
  private readonly startMs: number;
  private atMs = 0;
  private readonly cpuAtStartUs: number;
  private cpuUs = 0;
  private completed = 0;
  private events = 0;
  private bytes = 0;

  /** @param startMs when the load began, and `cpuUs` what the process had used by then */
  constructor(options: LoadOptions, startMs: number, cpuUs: number) {
    this.options = options;
    this.startMs = startMs;
    this.cpuAtStartUs = cpuUs;
  }

  /** The sample at a moment that is later than the one before. */
  take(threads: readonly ThreadSample[], nowMs: number, cpuNowUs: number): LiveSample {
    const { options } = this;
    const atMs = nowMs - this.startMs;
    const cpuUs = cpuNowUs - this.cpuAtStartUs;
    const tally = mergeTallies(threads.map((thread) => thread.tally));
    const { counters } = tally;
    const outcomes = Object.fromEntries(
      OUTCOMES.map((outcome, index) => [outcome, tally.outcomes[index]!]),
    ) as Record<Outcome, number>;
    const intervalMs = atMs - this.atMs;
    const perSec = (now: number, before: number): number => ((now - before) * 1000) / intervalMs;
    const sample: LiveSample = {
      atMs,
      intervalMs,
      connectionsAsked: options.connections,
      connectionsOpen: counters.open,
      requestsPerSec: perSec(outcomes.completed, this.completed),
      eventsPerSec: perSec(counters.eventsTotal, this.events),
      bytesPerSec: perSec(counters.bytesReceived, this.bytes),
      attempted: counters.attempted,
      events: counters.eventsTotal,
      bytesReceived: counters.bytesReceived,
      outcomes,
      timeouts: tally.timeouts,
      errors: Object.fromEntries(tally.errors),
      statusCodes: statusCodesOf(tally),
      latencies: {
        ttfb: readLatency(tally, 'ttfb'),
        ttfe: readLatency(tally, 'ttfe'),
        gap: readLatency(tally, 'gap'),
        stream: readLatency(tally, 'stream'),
        headParse: readLatency(tally, 'headParse'),
      },
      survival: readSurvival(tally),
      cpuShare: (cpuUs - this.cpuUs) / (intervalMs * 1000 * threads.length),
      loopDelayP99Us: Math.max(...threads.map((thread) => thread.loopDelayP99Us)),
      sendLatenessP99Us:
        options.arrivals === undefined
          ? null
          : new LatencyRecorder(tally.latencies.sendLateness).percentileUs(99),
    };
    this.atMs = atMs;
    this.cpuUs = cpuUs;
    this.completed = outcomes.completed;
    this.events = counters.eventsTotal;
    this.bytes = counters.bytesReceived;
    return sample;
  }
}

function readLatency(tally: TallyData, name: LiveLatencyName): LiveLatency {
  const recorder = new LatencyRecorder(tally.latencies[name]);
  return {
    le: LIVE_BUCKETS_MS.map((ms) => recorder.countUpTo(ms * 1000)),
    count: recorder.count,
    sumUs: recorder.sumUs,
    p50: recorder.percentileUs(50),
    p90: recorder.percentileUs(90),
    p99: recorder.percentileUs(99),
  };
}

/** Of the connections opened so far, those whose streams were not lost. */
function readSurvival(tally: TallyData): number | null {
  const opened = tally.counters.connectionsOpened;
  if (opened === 0) return null;
  const lost = DEATHS.reduce((sum, death) => sum + tally.deaths[death].exact[0]!, 0);
  return Math.max(0, 1 - lost / opened);
}
