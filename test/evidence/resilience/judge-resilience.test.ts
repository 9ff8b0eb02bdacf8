import { describe, expect, it } from 'vitest';
import { judgeResilience, type ResilienceInput } from '../../../src/evidence/resilience/judge-resilience.ts';
import type { Comparison } from '../../../src/model/comparison.ts';
import type { InjectedFault, TimedFault } from '../../../src/model/fault.ts';
import type { Arm } from '../../../src/model/plan.ts';
import type { SignalLatency, TesterSignals } from '../../../src/model/tester-report.ts';
import { describeResilience } from '../../../src/report/describe-resilience.ts';

const START_MS = 1_000_000;
const SECONDS = 10;

function latencies(of: (second: number) => number | null): SignalLatency {
  const values = new Array(SECONDS * 10).fill(0).map((_, index) => of(index / 10));
  return {
    count: values.map((value) => (value === null ? 0 : 5)),
    p50Us: values,
    p90Us: values,
    p99Us: values,
    maxUs: values,
  };
}

const counts = (of: (second: number) => number): number[] =>
  new Array(SECONDS * 10).fill(0).map((_, index) => of(index / 10));

/** Ten good seconds from the start of the tool on, unless told otherwise. */
function signals(changed: Partial<TesterSignals> = {}): TesterSignals {
  return {
    intervalMs: 100,
    events: counts(() => 40),
    completed: counts(() => 8),
    failed: counts(() => 0),
    ttfe: latencies(() => 5000),
    gap: latencies(() => 20_000),
    ...changed,
  };
}

const cpu = (of: (second: number) => number): string =>
  JSON.stringify({
    samples: new Array(SECONDS * 10 + 1)
      .fill(0)
      .map((_, index) => ({ atMs: index * 100, target: { cpuMs: of(index / 10) } })),
  });

function input(changed: Partial<ResilienceInput> & { timeline?: TimedFault[] } = {}): ResilienceInput {
  const { timeline = [{ id: '1-pause', kind: 'pause', atMs: 4000, forMs: 1000 }], ...rest } = changed;
  const arm = {
    id: 'ssee-tester',
    tool: 'ssee-tester',
    stream: 'finite',
    connections: 8,
    durationMs: SECONDS * 1000,
    target: {},
    faults: { timeline },
  } as unknown as Arm;
  return {
    arm,
    trialId: 'r1-ssee-tester',
    startedAtMs: START_MS,
    faults: { schema: 'ssee-bench/faults/1', injected: timeline.map(injected), health: [], network: [] },
    report: {
      window: { startedAtMs: START_MS, durationUs: SECONDS * 1e6, drainUs: 0 },
      signals: signals(),
    },
    samplesJson: cpu(() => 10),
    cpus: 2,
    slo: [],
    ...rest,
  };
}

function injected({ id, kind, atMs, forMs }: TimedFault): InjectedFault {
  const beganMs = START_MS + atMs;
  return {
    id,
    kind,
    state: 'undone',
    beganMs,
    activeMs: beganMs,
    endedMs: beganMs + forMs,
    undoneMs: beganMs + forMs,
  };
}

const withSignals = (changed: Partial<TesterSignals>): Pick<ResilienceInput, 'report'> => ({
  report: {
    window: { startedAtMs: START_MS, durationUs: SECONDS * 1e6, drainUs: 0 },
    signals: signals(changed),
  },
});

describe('the resilience of a row', () => {
  it('is an A where nothing happened', () => {
    const [fault] = judgeResilience(input()).faults;
    expect(fault).toMatchObject({ grade: 'A', startedAtS: 4, endedAtS: 5, recoveryS: null, health: null });
    expect(fault!.sentence).toBe('every signal stayed within its band');
  });

  it('names the signals that broke, when, how far, and when they were back', () => {
    const inFault = (second: number): boolean => second >= 4 && second < 5;
    const stopped = withSignals({
      events: counts((second) => (inFault(second) ? 0 : 40)),
      gap: latencies((second) => (second === 3.9 ? 1_050_000 : inFault(second) ? null : 20_000)),
    });
    const [fault] = judgeResilience(input(stopped)).faults;
    const of = (name: string) => fault!.signals.find(({ signal }) => signal === name);
    expect(of('throughput')).toMatchObject({
      verdict: 'broken',
      before: 400,
      during: 0,
      after: 400,
      worst: 0,
      limitFrom: 'before',
    });
    expect(Math.abs(of('throughput')!.brokeAtS! - 4)).toBeLessThanOrEqual(0.1);
    expect(of('gap')).toMatchObject({
      verdict: 'broken',
      brokeAtS: 4,
      recoveredAtS: 5,
      worst: 1_050_000,
      before: 20_000,
    });
    expect(of('errors')).toMatchObject({ verdict: 'kept', limit: 0 });
    expect(fault!.grade).toBe('B');
    expect(fault!.sentence).toContain('broke');
    expect(fault!.sentence).toContain('well again at 5');
  });

  it('takes a promise for the band where the scenario has one', () => {
    const slow = withSignals({ ttfe: latencies((second) => (second >= 4 && second < 5 ? 8000 : 5000)) });
    const slo = [{ metric: 'ttfe_us_p99' as const, max: 7000, line: 1, column: 1 }];
    const [fault] = judgeResilience(input({ ...slow, slo })).faults;
    expect(fault!.signals[1]).toMatchObject({
      signal: 'ttfe',
      verdict: 'broken',
      limit: 7000,
      limitFrom: 'slo',
    });
    const others = [{ ...slo[0]!, arm: 'wrk' }];
    const [free] = judgeResilience(input({ ...slow, slo: others })).faults;
    expect(free!.signals[1]).toMatchObject({ verdict: 'kept', limitFrom: 'before' });
  });

  it('holds the CPU against the quota while there is one', () => {
    const timeline: TimedFault[] = [{ id: '1-cpu', kind: 'cpu', amount: 10, atMs: 4000, forMs: 1000 }];
    const [fault] = judgeResilience(input({ timeline })).faults;
    expect(fault!.signals.at(-1)).toMatchObject({
      signal: 'saturation',
      before: 0.05,
      during: 1,
      after: 0.05,
      verdict: 'broken',
    });
  });

  it('counts what was sent again, beside what the health endpoint said', () => {
    const timeline: TimedFault[] = [{ id: '1-loss', kind: 'loss', amount: 0.3, atMs: 4000, forMs: 1000 }];
    const network = counts((second) => second).map((second) => ({
      atMs: START_MS + second * 1000,
      synRetransmissions: second > 4 ? (second > 5.2 ? 7 : 4) : 1,
      retransmissions: second > 4 ? 30 : 2,
    }));
    const health = counts((second) => second).map((second) => ({
      atMs: START_MS + second * 1000,
      green: true,
      tookMs: 2,
    }));
    const base = input({
      timeline,
      ...withSignals({ failed: counts((second) => (second === 4.5 ? 3 : 0)) }),
    });
    const faults = { ...base.faults, network, health };
    const wire = {
      faults: base.faults,
      synAgainUs: [START_MS + 3999, START_MS + 4200, START_MS + 6400, START_MS + 6600].map((ms) => ms * 1000),
    };
    const [fault] = judgeResilience({ ...base, faults, wire }).faults;
    expect(fault).toMatchObject({
      synRetransmissions: 6,
      retransmissions: 28,
      wireSynRetransmissions: 2,
      health: { probes: 10, green: 10, slowestMs: 2 },
      grade: 'C',
    });
    expect(fault!.sentence).toMatch(
      /health endpoint stayed green in all 10 probes, while 6 packets of handshakes/,
    );
  });

  it('says what was not injected, and judges the rest', () => {
    const timeline: TimedFault[] = [
      { id: '1-dns', kind: 'dns', atMs: 2000, forMs: 500 },
      { id: '2-pause', kind: 'pause', atMs: 6000, forMs: 500 },
    ];
    const base = input({ timeline });
    base.faults.injected[0] = { id: '1-dns', kind: 'dns', state: 'skipped', reason: 'it needs root' };
    const { faults } = judgeResilience(base);
    expect(faults).toMatchObject([
      {
        state: 'skipped',
        reason: 'it needs root',
        grade: null,
        signals: [],
        sentence: 'not injected: it needs root',
      },
      { state: 'undone', grade: 'A' },
    ]);
  });

  it('does not call a fault that could not be undone one that was not there', () => {
    const base = input();
    const [pause] = base.faults.injected;
    delete pause!.undoneMs;
    Object.assign(pause!, { state: 'failed', reason: 'nft refused' });
    const [fault] = judgeResilience(base).faults;
    expect(fault).toMatchObject({ state: 'failed', reason: 'nft refused', startedAtS: 4, endedAtS: 5 });
    expect(fault!.sentence).toMatch(/^could not be undone: nft refused; /);
    expect(fault!.signals).toHaveLength(5);
  });

  it('takes a fault that the harness did not live to undo for one until the end of the load', () => {
    const base = input();
    const [pause] = base.faults.injected;
    delete pause!.undoneMs;
    delete pause!.endedMs;
    pause!.state = 'active';
    const [fault] = judgeResilience(base).faults;
    expect(fault).toMatchObject({ startedAtS: 4, endedAtS: SECONDS });
    expect(fault!.sentence).toMatch(/^it was not undone/);
  });

  it('calls what failed before it was there not injected, but for a restart', () => {
    const half = (kind: 'loss' | 'restart') => {
      const base = input({ timeline: [{ id: `1-${kind}`, kind, atMs: 4000, forMs: 1000 }] });
      const [entry] = base.faults.injected;
      delete entry!.activeMs;
      Object.assign(entry!, { state: 'failed', reason: 'refused' });
      return judgeResilience(base).faults[0]!;
    };
    expect(half('loss')).toMatchObject({ signals: [], sentence: 'not injected: refused' });
    expect(half('restart').sentence).toMatch(/^failed: refused; /);
  });

  it('judges nothing but the CPU of a tool without signals over time', () => {
    const [fault] = judgeResilience(input({ report: undefined })).faults;
    expect(fault!.signals.map(({ verdict }) => verdict)).toEqual([
      'unknown',
      'unknown',
      'unknown',
      'unknown',
      'kept',
    ]);
    expect(fault!.signals[0]!.reason).toMatch(/reports totals only/);
    expect(fault!.grade).toBeNull();
    expect(fault!.sentence).toBe('no judged signal left its band (1 of 5 judged, too little for a grade)');
    expect(judgeResilience(input({ report: undefined, samplesJson: '' })).faults[0]!.grade).toBeNull();
  });

  it('does not call kept what nobody saw in the fault and after it', () => {
    const gone = withSignals({
      gap: latencies((second) => (second >= 4 && second < 6.2 ? null : 20_000)),
      completed: counts((second) => (second >= 4 && second < 6.2 ? 0 : 8)),
    });
    const [fault] = judgeResilience(input(gone)).faults;
    const of = (name: string) => fault!.signals.find(({ signal }) => signal === name);
    expect(of('gap')).toMatchObject({ verdict: 'unknown', before: 20_000, during: null, limit: 110_000 });
    expect(of('gap')!.reason).toMatch(/^nothing was seen of it/);
    expect(of('errors')).toMatchObject({ verdict: 'unknown', before: 0, during: null });
    expect(fault!.grade).toBeNull();
    expect(fault!.sentence).toContain('3 of 5 judged');
  });

  it('has the share of endless streams that failed in a phase, however many intervals it has', () => {
    const base = input(
      withSignals({
        completed: counts(() => 0),
        failed: counts((second) => (second >= 4 && second < 4.4 ? 1 : 0)),
      }),
    );
    base.arm.stream = 'endless';
    const [fault] = judgeResilience(base).faults;
    expect(fault!.signals[0]).toMatchObject({ signal: 'errors', before: 0, during: 0.5, after: 0 });
    expect(fault!.signals[0]).toMatchObject({ verdict: 'broken', worst: 0.125 });
  });

  it('is told in lines with the grade rule at the end', () => {
    const comparison = { resilience: [judgeResilience(input())], arms: [{}] } as unknown as Comparison;
    const lines = describeResilience(comparison);
    expect(lines[0]!.text).toMatch(
      /^ssee-tester, 1-pause \(target stopped\), 4\.00 to 5\.00 s: grade A\. every signal/,
    );
    expect(lines[0]!.details).toHaveLength(5);
    expect(lines.at(-1)!.text).toMatch(/^Grades\. A:/);
    expect(describeResilience({ ...comparison, resilience: [] })).toEqual([]);
  });
});
