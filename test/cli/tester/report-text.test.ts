import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTesterReport } from '../../../src/cli/tester/report-text.ts';
import type { TesterReport } from '../../../src/model/tester-report.ts';
import { LlmMeter } from '../../../src/sse/llm-meter.ts';
import { LlmTally } from '../../../src/sse/llm-tally.ts';
import { summarizeLlm } from '../../../src/sse/summarize-llm.ts';
import { LatencyRecorder } from '../../../src/tester/latency-recorder.ts';
import { latency, sampleReport } from './sample-report.ts';

const plain = sampleReport();

/** Without control characters, and those that reorder what follows. */
function cleanLine(line: string): string {
  return line.replaceAll(/[\p{Cc}\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '');
}

function openLoop(change: Partial<TesterReport['openLoop']> = {}): NonNullable<TesterReport['openLoop']> {
  return {
    arrivals: 20_000,
    unsent: 0,
    longestQueue: 12,
    sendLatenessUs: latency(1000, 10, 900),
    responseTimes: {
      ttfb_us: latency(1000, 340, 2_400_000),
      ttfe_us: latency(1000, 360, 2_500_000),
      stream_us: latency(20_000, 46_000, 2_600_000),
    },
    ...change,
  };
}

/** Token streams of eight tokens, a tenth of a second apart. */
function tokenStreams(withUsage: boolean): TesterReport['llm'] {
  const tally = new LlmTally(() => new LatencyRecorder());
  const meter = new LlmMeter(tally);
  const send = (json: string, atUs: number): void => {
    const bytes = Buffer.from(json);
    meter.onData(bytes, 0, bytes.length);
    meter.onDispatch(atUs);
  };
  for (let stream = 0; stream < 10; stream++) {
    const startUs = stream * 1_000_000;
    meter.begin(startUs);
    send('{"choices":[{"delta":{"role":"assistant","content":""}}]}', startUs + 4000 + 100 * stream);
    for (let token = 0; token < 8; token++) {
      send(
        `{"choices":[{"delta":{"content":"t${token}"}}]}`,
        startUs + 50_000 + token * 100_000 + 1000 * stream,
      );
    }
    if (withUsage) send('{"choices":[],"usage":{"completion_tokens":8}}', startUs + 760_000);
    else send('{"error":"too busy"}', startUs + 760_000);
    if (stream < 8) send('[DONE]', startUs + 760_000);
    meter.onStreamEnd(stream > 0);
  }
  return summarizeLlm(tally, 10_000_000);
}

const reports: Record<string, TesterReport> = {
  finite: plain,
  troubled: sampleReport({
    options: {
      ...plain.options,
      stream: 'endless',
      durationMs: 120_000,
      reconnect: 'resume',
    },
    interrupted: true,
    window: { ...plain.window, durationUs: 97_300_000, drainUs: 0 },
    outcomes: {
      ...plain.outcomes,
      attempted: 140,
      completed: 0,
      held: 96,
      'closed-early': 31,
      reset: 8,
      stalled: 3,
      'http-error': 2,
    },
    completedInWindow: 0,
    completedInDrain: 0,
    timeouts: { ...plain.timeouts, idle: 3 },
    comments: 640,
    staleReuses: 4,
    reconnects: 40,
    tapDropped: 1234,
    errors: { ECONNRESET: 8 },
    firstError: 'closed-early: the server closed before the response was complete',
    recoveryUs: latency(38, 1_600_000, 5_100_000),
    latencies: { ...plain.latencies, stream_us: null },
    sequence: {
      gaps: 12,
      duplicates: 3,
      reordered: 41,
      rolledBack: 1,
      replayed: 57,
      lostOverReconnect: 1005,
    },
    audit: {
      head: [
        { header: 'Content-Type', verdict: 'ok', value: 'text/event-stream', note: 'text/event-stream' },
        {
          header: 'Cache-Control',
          verdict: 'wrong',
          value: 'public, max-age=60',
          note: 'caches may keep and replay the stream without no-cache or no-store',
        },
        { header: 'Connection', verdict: 'implied', note: 'HTTP/1.1 connections persist by default' },
        {
          header: 'X-Accel-Buffering',
          verdict: 'missing',
          note: 'matters behind nginx only, which buffers the stream without it',
        },
      ],
      silence: { limitMs: 30_000, overLimit: 5, longestMs: 44_700, longestIsOpen: true },
      comments: { bad: 2, longestIntervalMs: 15_080 },
      retry: { seen: 140, bad: 1, overLimit: 6, limit: 10 },
    },
    survival: {
      lifetimes: 138,
      deaths: { fin: 31, rst: 8, stall: 3, protocol: 0 },
      medianMs: null,
      endMs: 97_300,
      steps: [],
      clusters: [
        { ageMs: 60_012, nominalMs: 60_000, count: 29, share: 0.69, spreadMs: 84, round: true },
        { ageMs: 33_333, nominalMs: 33_333, count: 5, share: 0.12, spreadMs: 210, round: false },
      ],
    },
  }),
  'open-loop': sampleReport({
    options: { ...plain.options, workers: 2, rate: '100..4000/10s' },
    openLoop: openLoop(),
  }),
  'open-loop-overrun': sampleReport({
    options: { ...plain.options, rate: '4000' },
    outcomes: { ...plain.outcomes, attempted: 20_000, completed: 19_990, stalled: 10 },
    timeouts: { ...plain.timeouts, idle: 10 },
    firstError: 'stalled: no event for longer than the timeout while the connection stayed open',
    openLoop: openLoop({
      arrivals: 40_000,
      unsent: 20_000,
      longestQueue: 20_000,
      responseTimes: {
        ttfb_us: latency(1000, 340, 4_400_000),
        ttfe_us: latency(1000, 360, 4_500_000),
        stream_us: { ...latency(1000, 46_000, 4_600_000), count: 19_990 },
      },
    }),
    selfCheck: { ...plain.selfCheck, busiestThread: 0.973, cpuShare: 1.02 },
  }),
  llm: sampleReport({
    options: { ...plain.options, connections: 10, method: 'POST', bodyBytes: 120 },
    outcomes: { ...plain.outcomes, attempted: 10, completed: 9, 'client-aborted': 1 },
    llm: tokenStreams(true)!,
  }),
  'llm-without-usage': sampleReport({
    options: { ...plain.options, connections: 10, method: 'POST', bodyBytes: 120 },
    outcomes: { ...plain.outcomes, attempted: 10, completed: 9, 'client-aborted': 1 },
    llm: tokenStreams(false)!,
  }),
  unreachable: sampleReport({
    outcomes: { ...plain.outcomes, attempted: 193, completed: 0, refused: 193 },
    completedInWindow: 0,
    completedInDrain: 0,
    events: 0,
    eventsTotal: 0,
    reads: 0,
    bytesReceived: 0,
    connectionsOpened: 0,
    holdRatio: 0,
    errors: { ECONNREFUSED: 193 },
    firstError: 'connect ECONNREFUSED 127.0.0.1:8080',
    latencies: {
      connect_us: null,
      ttfb_us: null,
      ttfe_us: null,
      gap_us: null,
      stream_us: null,
      delivery_lag_us: null,
    },
  }),
};

describe('the report for a person', () => {
  it.each(Object.keys(reports))('is as it was looked at: %s', async (name) => {
    await expect(formatTesterReport(reports[name]!)).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  it.each(Object.keys(reports))('fits into 80 columns and has no broken figure: %s', (name) => {
    const text = formatTesterReport(reports[name]!);
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(text).not.toMatch(/NaN|undefined|Infinity|null/);
    expect(text.endsWith('\n')).toBe(true);
  });

  it('begins with the generator where that was the limit, before any figure', () => {
    const limited = (change: Partial<TesterReport['selfCheck']>, workers = 1): string =>
      formatTesterReport(
        sampleReport({
          options: { ...plain.options, workers },
          selfCheck: { ...plain.selfCheck, ...change },
        }),
      );
    const warning = /^The load generator was the limit/;
    expect(limited({ busiestThread: 0.91 })).toMatch(warning);
    expect(limited({ cpuShare: 0.91 })).toMatch(warning);
    expect(limited({ cpuShare: 1.79 }, 2)).toMatch(/^All 20,000 streams completed/);
    expect(limited({ cpuShare: 1.81 }, 2)).toMatch(warning);
    expect(limited({ busiestThread: 0.9, cpuShare: 0.9 })).toMatch(/^All 20,000 streams completed/);
  });

  it('tells when half of the streams were gone', () => {
    const survival = {
      ...reports.troubled!.survival!,
      deaths: { fin: 0, rst: 0, stall: 0, protocol: 101 },
      medianMs: 480,
      clusters: [],
    };
    expect(formatTesterReport({ ...plain, survival })).toMatch(
      /^survival +101 of 138 streams died: bad bytes 101; half were gone after\n +0\.48 s$/m,
    );
  });

  it('says nothing of what did not happen', () => {
    const text = formatTesterReport(plain);
    for (const label of ['event ids', 'reconnect', 'silence', 'survival', 'open loop', 'comments', 'head']) {
      expect(text, label).not.toContain(label);
    }
  });

  it('shows no text of a server that could move the cursor or fill the screen', () => {
    const hostile = fc.string({ unit: 'binary', minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(hostile, (words) => {
        const text = formatTesterReport({
          ...plain,
          outcomes: { ...plain.outcomes, attempted: 2, completed: 1, 'http-error': 1 },
          firstError: `status 200 with Content-Type \u001b[2J\r${words}`,
          errors: { [`\u0007${words}`.slice(0, 20)]: 1 },
          audit: {
            ...plain.audit,
            head: [
              { header: 'Cache-Control', verdict: 'wrong', value: `\u202e${words}\n`, note: 'no directive' },
            ],
          },
        });
        for (const line of text.split('\n')) expect(line).toBe(cleanLine(line));
        expect(text.length).toBeLessThan(4000);
      }),
    );
  });
});
