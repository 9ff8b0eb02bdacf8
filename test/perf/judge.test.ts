import { describe, expect, it } from 'vitest';
import {
  cpuUsPerEvent,
  cpuUsPerRequest,
  describeStartShare,
  eventsOf,
  findDoubts,
  judge,
  lineOfPairs,
  lineOfValues,
} from '../../perf/judge.ts';
import type { Goal, LoadRun, MeasuredLine, Pair } from '../../perf/model.ts';

function run(over: Partial<LoadRun> = {}): LoadRun {
  return {
    program: 'ssee-tester',
    userUs: 600,
    systemUs: 400,
    wallMs: 1000,
    targetRequests: 100,
    targetEvents: 200,
    own: {},
    targetCpuUs: 0,
    harnessCpuUs: 0,
    otherCpus: 0,
    ...over,
  };
}

function pair(ours: Partial<LoadRun>, peer: Partial<LoadRun> = {}): Pair {
  return { first: 'ours', ours: run(ours), peer: run({ program: 'wrk', ...peer }) };
}

const SPEC = { row: 'R1', name: 'short', unit: 'us CPU / request' } as const;

describe('measures', () => {
  it('divide user and system time by what the target counted', () => {
    expect(cpuUsPerRequest(run())).toBe(10);
    expect(cpuUsPerEvent(run())).toBe(5);
  });

  it('take the smaller count of events, because unread ones cost their reader nothing', () => {
    expect(eventsOf(run({ own: { events: 150 } }))).toBe(150);
    expect(eventsOf(run({ own: { events: 250 } }))).toBe(200);
    expect(eventsOf(run())).toBe(200);
  });
});

describe('lineOfPairs', () => {
  it('keeps every value and takes ratios pair by pair', () => {
    const pairs = [pair({ userUs: 100 }, { userUs: 600 }), pair({ userUs: 1600 }, { userUs: 600 })];
    expect(lineOfPairs(SPEC, pairs, cpuUsPerRequest)).toMatchObject({
      state: 'measured',
      oursName: 'ssee-tester',
      peerName: 'wrk',
      values: { ours: [5, 20], peer: [10, 10], ratio: [0.5, 2] },
      ratio: { median: 1.25, min: 0.5, max: 2 },
    });
  });

  it('fails without a count instead of dividing by nothing', () => {
    const line = lineOfPairs(SPEC, [pair({ targetRequests: 0 })], cpuUsPerRequest);
    expect(line).toMatchObject({ state: 'failed', reason: expect.stringContaining('nothing was counted') });
  });
});

describe('judge', () => {
  const atMost: Goal = { kind: 'at-most', value: 1, of: 'ours' };
  const line = (goal: Goal | undefined, ours: number[]): MeasuredLine =>
    lineOfValues({ ...SPEC, ...(goal ? { goal } : {}) }, 'ssee-tester', ours);

  it.each([
    [atMost, [1], 'met', false],
    [atMost, [1.001], 'not met', false],
    [atMost, [0.5, 0.9, 1.1], 'met', true],
    [atMost, [0.5, 1.1, 1.2], 'not met', true],
    [{ ...atMost, kind: 'at-least' } as Goal, [1], 'met', false],
    [{ ...atMost, kind: 'at-least' } as Goal, [0.999], 'not met', false],
    [undefined, [5], 'no goal', false],
  ] as const)('%j over %j is "%s"', (goal, ours, verdict, crosses) => {
    expect(judge(line(goal, [...ours]))).toEqual({ verdict, crosses });
  });

  it('looks at the ratio where the goal is about it', () => {
    const goal: Goal = { kind: 'at-most', value: 0.5, of: 'ratio' };
    expect(judge(lineOfValues({ ...SPEC, goal }, 'ssee-tester', [4], 'wrk', [10])).verdict).toBe('met');
    expect(() => judge(line(goal, [0.1]))).toThrow('there is none');
  });
});

describe('findDoubts', () => {
  it('finds nothing to say about quiet, complete runs', () => {
    expect(findDoubts('short', [pair({ own: { events: 199, failures: 0 } })])).toEqual([]);
  });

  it('names other programs, failures, and whoever fell behind', () => {
    const pairs = [pair({ otherCpus: 0.4, own: { events: 100 } }, { own: { failures: 7 } })];
    expect(findDoubts('short', pairs)).toEqual([
      expect.stringContaining('up to 0.40 CPUs'),
      'short: ssee-tester fell behind the target in 1 of 1 runs; its own count of events divides.',
      'short: wrk reports 7 failures.',
    ]);
  });

  it('expects unread rests of bulk streams', () => {
    expect(findDoubts('bulk', [pair({ own: { events: 100 } })], true)).toEqual([]);
  });
});

it('tells how much of the CPU time is not the load', () => {
  expect(describeStartShare([pair({ own: { windowCpuUs: 750 } })])).toMatch(/^25 % of/);
  expect(describeStartShare([pair({})])).toBeUndefined();
});
