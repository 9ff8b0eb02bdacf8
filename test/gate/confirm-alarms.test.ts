import { describe, expect, it } from 'vitest';
import { alarmedCells, confirmAlarms } from '../../src/gate/confirm-alarms.ts';
import { judgeGate } from '../../src/gate/judge-gate.ts';
import type { GateResult, GateSpec, RunSide, SideArm } from '../../src/model/gate.ts';
import { around, makeSide, makeSideArm } from '../helpers/sides.ts';

const SPEC: GateSpec = {
  metrics: [{ metric: 'ttfe_us_p50', maxRegression: 0.1, minEffect: 200 }],
  alpha: 0.05,
};

function judge(
  label: string,
  middle: number,
  arm: Partial<Omit<SideArm, 'shares'>> = {},
  side: Partial<RunSide> = {},
): GateResult {
  return judgeGate({
    base: makeSide('base', [makeSideArm({ ttfe_us_p50: around(6000, 0.02) })]),
    head: makeSide(label, [makeSideArm({ ttfe_us_p50: around(middle, 0.02) }, arm)], side),
    spec: SPEC,
    noBaseline: [],
  });
}

const first = judge('head', 7200);

describe('an alarm', () => {
  it('is confirmed when it comes again, and inconclusive when it does not', () => {
    expect(alarmedCells(first)).toHaveLength(1);
    expect(confirmAlarms(first, judge('again', 7200))).toMatchObject({
      exitCode: 3,
      cells: [{ verdict: 'worse', confirmed: true }],
    });
    expect(confirmAlarms(first, judge('again', 6000))).toMatchObject({
      exitCode: 4,
      cells: [{ verdict: 'inconclusive', confirmed: false }],
    });
  });

  it.each<[string, GateResult, RegExp]>([
    [
      'the hypervisor took time',
      judge('again', 6000, { invalid: ['the hypervisor took 20 % of the CPU time'] }),
      /the second run is no valid measurement of it \(again: the hypervisor took 20 %/,
    ],
    [
      'a trial failed',
      judge('again', 6000, { failed: ['r3-wrk: the target died'] }),
      /no valid measurement of it \(again: r3-wrk: the target died\)/,
    ],
    ['the run was cut off', judge('again', 6000, {}, { state: 'interrupted' }), /the run is interrupted/],
    [
      'the figure was lost',
      judge('again', 6000, { samples: { ttfe_us_p50: { absent: 'no event came' } } }),
      /head has no value, base has: no event came/,
    ],
  ])('is inconclusive and says why when in the second run %s', (_, second, reason) => {
    const result = confirmAlarms(first, second);
    expect([result.exitCode, result.verdict]).toEqual([4, 'inconclusive']);
    expect(result.cells[0]).toMatchObject({ verdict: 'inconclusive', confirmed: false, finding: null });
    expect(result.sentence).toMatch(/^Inconclusive: wrk ttfe_us_p50: worse by .*; not confirmed, /);
    expect(result.sentence).toMatch(reason);
  });

  it('leaves what the second run itself broke', () => {
    const second = judge('again', 6000, {
      invariants: [{ name: 'lost-events', count: 3, total: 3000, by: 'ssee-tester' }],
    });
    const result = confirmAlarms(first, second);
    expect(result.exitCode).toBe(3);
    expect(result.sentence).toMatch(
      /^Regression: wrk has 3 lost-events among 3,000 events \(0\.1 %\), counted by ssee-tester in a second run/,
    );
    expect(result.cells[0]!.verdict).toBe('inconclusive');
  });

  it('keeps the problems of the second run beside those of the first, each once', () => {
    const second = judge('again', 6000, { invalid: ['only 40 of 100 connections were begun'] });
    expect(confirmAlarms(first, second).problems).toEqual([
      { kind: 'invalid', arm: 'wrk', detail: 'second run: again: only 40 of 100 connections were begun' },
    ]);
    expect(confirmAlarms(confirmAlarms(first, judge('again', 7200)), judge('again', 7200)).problems).toEqual(
      [],
    );
  });
});
