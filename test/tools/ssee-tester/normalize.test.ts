import { describe, expect, it } from 'vitest';
import { known } from '../../../src/model/cell.ts';
import { OUTCOMES } from '../../../src/model/outcome.ts';
import type { TesterLatency, TesterReport } from '../../../src/model/tester-report.ts';
import type { ToolResult, ToolTrial } from '../../../src/model/tool.ts';
import { sseeTester } from '../../../src/tools/ssee-tester/adapter.ts';
import { makeExit, makeTrial } from '../../helpers/tool-trial.ts';
import { expectHonestResult, expectHonestUnderDamage, expectReasons } from '../contract.ts';

const LATENCY: TesterLatency = {
  count: 200,
  min: 900,
  max: 31_000,
  mean: 20_123.4,
  p50: 20_007,
  p90: 25_000,
  p99: 30_015,
  p999: 31_007,
  histogram: '',
};

function makeReport(overrides: Partial<TesterReport> = {}): TesterReport {
  return {
    schema: 'ssee-tester/1',
    version: '0.1.0',
    node: 'v20.19.0',
    url: 'http://127.0.0.1:1/finite',
    options: {
      connections: 4,
      durationMs: 2000,
      timeoutMs: 500,
      stream: 'finite',
      method: 'GET',
      headers: {},
      bodyBytes: 0,
      anyContentType: false,
    },
    interrupted: false,
    window: { startedAtMs: 0, durationUs: 2_000_000, drainUs: 20_000 },
    outcomes: {
      ...(Object.fromEntries(OUTCOMES.map((row) => [row, 0])) as TesterReport['outcomes']),
      attempted: 204,
      completed: 202,
      stalled: 1,
      reset: 1,
    },
    completedInWindow: 200,
    completedInDrain: 2,
    timeouts: { connect: 0, headers: 0, firstEvent: 0, idle: 1, deadline: 0 },
    events: 600,
    eventsTotal: 606,
    comments: 0,
    reads: 700,
    bytesReceived: 54_321,
    connectionsOpened: 5,
    statusCodes: { 200: 203 },
    errors: { ECONNRESET: 1 },
    latencies: {
      connect_us: { ...LATENCY, count: 5 },
      ttfb_us: LATENCY,
      ttfe_us: LATENCY,
      gap_us: LATENCY,
      stream_us: LATENCY,
      delivery_lag_us: null,
    },
    holdRatio: 0.998,
    sequence: { gaps: 0, duplicates: 0, rolledBack: 0 },
    selfCheck: { cpuUs: 300_000, cpuShare: 0.15, loopDelayP99Us: 12_000, rssBytes: 60_000_000 },
    series: { intervalMs: 1000, events: [300, 300], completed: [100, 100], open: [4, 4] },
    ...overrides,
  };
}

function normalize(overrides: Partial<TesterReport> = {}, trial: Partial<ToolTrial> = {}): ToolResult {
  const stdout = `${JSON.stringify(makeReport(overrides))}\n`;
  return expectHonestResult(
    sseeTester,
    { exit: makeExit(), stdout, stderr: '', files: {} },
    makeTrial(trial),
  );
}

describe('the report of ssee-tester', () => {
  it('passes on how long streams lived, without the curve', () => {
    const clusters = [{ ageMs: 5001, nominalMs: 5000, count: 4, share: 1, spreadMs: 2, round: true }];
    const deaths = { fin: 4, rst: 0, stall: 0, protocol: 0 };
    const survival = { lifetimes: 9, deaths, medianMs: null, endMs: 5003, steps: [], clusters };
    expect(normalize({ survival }).extra?.lifetimes).toEqual({ count: 9, deaths, clusters });
    expect(normalize({ survival: null }).extra).not.toHaveProperty('lifetimes');
  });

  it('gives rates over the measured window only', () => {
    const { metrics, events } = normalize();
    expect(metrics.requests_per_sec).toEqual(known(100));
    expect(metrics.events_per_sec).toEqual(known(300));
    expect(metrics.hold_ratio).toEqual(known(0.998));
    expect(metrics.bytes_received).toEqual(known(54_321));
    expect(events).toEqual(known(600));
  });

  it('gives every outcome, zero included', () => {
    const { outcomes } = normalize();
    expect(outcomes).toMatchObject({ attempted: known(204), completed: known(202), stalled: known(1) });
    for (const row of OUTCOMES) expect(outcomes[row]?.known, row).toBe(true);
  });

  it('gives timeout rates with their interval', () => {
    const { metrics } = normalize();
    expect(metrics.timeout_rate_idle).toMatchObject({ known: true, value: 1 / 204 });
    expect(metrics.timeout_rate).toMatchObject({ known: true, value: 1 / 204 });
    const none = metrics.timeout_rate_connect;
    expect(none).toMatchObject({ known: true, value: 0 });
    expect(none?.known && none.interval?.[1]).toBeCloseTo(0.0179, 3);
  });

  it('gives latencies in whole microseconds and suppresses what few samples cannot carry', () => {
    const { metrics } = normalize();
    expect(metrics.stream_us_mean).toEqual(known(20_123));
    expect(metrics.ttfe_us_p99).toEqual(known(30_015));
    expect(metrics.ttfe_us_p999).toMatchObject({ known: false, why: 'no-samples' });
    expect(metrics.connect_us_p90).toMatchObject({ known: false, why: 'no-samples' });
    expect(metrics.delivery_lag_us_p50).toMatchObject({ known: false, why: 'no-samples' });
  });

  it('has no request rate for an endless stream that nobody ended', () => {
    const { metrics } = normalize({ completedInWindow: 0 }, { stream: 'endless' });
    expect(metrics.requests_per_sec).toMatchObject({ known: false, why: 'no-samples' });
    expect(metrics.events_per_sec).toEqual(known(300));
  });

  it('has no rate of a run that was ended before it began', () => {
    const { metrics } = normalize({ window: { startedAtMs: 0, durationUs: 0, drainUs: 0 } });
    expect(metrics.requests_per_sec).toMatchObject({ known: false, why: 'no-samples' });
  });

  it('has no timeout rate of no streams', () => {
    const outcomes = { ...makeReport().outcomes, attempted: 0 };
    expect(normalize({ outcomes }).metrics.timeout_rate).toMatchObject({ known: false, why: 'no-samples' });
  });

  it('says that it was interrupted', () => {
    expect(normalize({ interrupted: true }).caveats.join()).toMatch(/interrupted/);
  });

  it('is refused in another version', () => {
    expect(normalize({ schema: 'ssee-tester/2' as never }).problem).toMatch(/no readable result/);
  });

  it('stays honest when it is cut off or damaged', () => {
    const output = { exit: makeExit(), stdout: JSON.stringify(makeReport()), stderr: '', files: {} };
    expectHonestUnderDamage(sseeTester, [{ name: 'report', output, trial: makeTrial() }]);
  });

  it('has a sentence for everything that is not in it', () => expectReasons(sseeTester));
});
