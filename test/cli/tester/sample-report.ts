import { OUTCOMES } from '../../../src/model/outcome.ts';
import type { TesterLatency, TesterReport } from '../../../src/model/tester-report.ts';
import { LatencyRecorder } from '../../../src/tester/latency-recorder.ts';

/** A latency whose samples grow evenly from `lowUs` to `highUs`. */
export function latency(count: number, lowUs: number, highUs: number): TesterLatency {
  const recorder = new LatencyRecorder();
  for (let sample = 0; sample < count; sample++) {
    recorder.recordUs(Math.round(lowUs + ((highUs - lowUs) * sample) / Math.max(1, count - 1)), 1);
  }
  return recorder.summarize()!;
}

/** A load of which there is nothing to say but that all is well; a test changes what it is about. */
export function sampleReport(change: Partial<TesterReport> = {}): TesterReport {
  const outcomes = Object.fromEntries(['attempted', ...OUTCOMES].map((outcome) => [outcome, 0]));
  return {
    schema: 'ssee-tester/1',
    version: '0.1.0',
    node: 'v20.19.0',
    url: 'http://127.0.0.1:8080/events',
    options: {
      connections: 100,
      durationMs: 10_000,
      timeoutMs: 5000,
      stream: 'finite',
      workers: 1,
      method: 'GET',
      headers: {},
      bodyBytes: 0,
      reconnect: 'fresh',
      anyContentType: false,
    },
    interrupted: false,
    window: { startedAtMs: 1_700_000_000_000, durationUs: 10_000_000, drainUs: 12_000 },
    outcomes: { ...outcomes, attempted: 20_000, completed: 20_000 } as TesterReport['outcomes'],
    completedInWindow: 19_950,
    completedInDrain: 50,
    timeouts: { connect: 0, headers: 0, firstEvent: 0, idle: 0, deadline: 0 },
    events: 199_600,
    eventsTotal: 200_000,
    comments: 0,
    reads: 200_500,
    bytesReceived: 14_200_000,
    connectionsOpened: 100,
    staleReuses: 0,
    reconnects: 0,
    tapDropped: 0,
    statusCodes: { 200: 20_000 },
    errors: {},
    latencies: {
      connect_us: latency(100, 90, 480),
      ttfb_us: latency(1000, 310, 2400),
      ttfe_us: latency(1000, 330, 2500),
      gap_us: latency(1000, 4600, 6200),
      stream_us: latency(1000, 46_000, 61_000),
      delivery_lag_us: latency(1000, 60, 900),
    },
    headParseUs: null,
    recoveryUs: null,
    survival: null,
    holdRatio: 0.9987,
    sequence: { gaps: 0, duplicates: 0, reordered: 0, rolledBack: 0, replayed: 0, lostOverReconnect: 0 },
    audit: {
      head: [
        { header: 'Content-Type', verdict: 'ok', value: 'text/event-stream', note: 'text/event-stream' },
      ],
      silence: { limitMs: 30_000, overLimit: 0, longestMs: 61, longestIsOpen: false },
      comments: { bad: 0, longestIntervalMs: null },
      retry: { seen: 0, bad: 0, overLimit: 0, limit: null },
    },
    selfCheck: {
      cpuUs: 3_100_000,
      cpuShare: 0.31,
      busiestThread: 0.284,
      loopDelayP99Us: 1400,
      rssBytes: 71_400_000,
    },
    series: { intervalMs: 1000, events: [], completed: [], open: [] },
    ...change,
  };
}
