import { describe, expect, it } from 'vitest';
import { evaluateSlos } from '../../src/gate/evaluate-slos.ts';
import { judgeVariants } from '../../src/gate/judge-variants.ts';
import type { SloSpec } from '../../src/model/gate.ts';
import { DEFAULT_GATE } from '../../src/scenario/gate-defaults.ts';
import { sampleComparison, sampleRun } from '../helpers/sample-comparison.ts';

const { arms } = sampleComparison();

function evaluate(slo: Partial<SloSpec>) {
  const { run } = sampleRun();
  run.plan.slo = [{ metric: 'ttfe_us_p99', line: 31, column: 5, ...slo }];
  return evaluateSlos(run, arms);
}

describe('a promise', () => {
  it('of a named row is met up to its limit and broken beyond', () => {
    expect(evaluate({ arm: 'ssee-tester', max: 3900 })).toMatchObject([{ verdict: 'met', value: 3900 }]);
    expect(evaluate({ arm: 'ssee-tester', max: 3899 })).toMatchObject([
      {
        verdict: 'broken',
        sentence: 'ssee-tester ttfe_us_p99 is 3.9 ms, more than 3.9 ms',
        file: 'scenarios/sse-100c.yaml',
        line: 31,
        column: 5,
      },
    ]);
  });

  it('may ask for a least value', () => {
    const results = evaluate({ metric: 'requests_per_sec', arm: 'hey-q10', min: 1000 });
    expect(results).toMatchObject([
      { verdict: 'broken', sentence: 'hey-q10 requests_per_sec is 995/s, less than 1,000/s' },
    ]);
  });

  it('carries what is known of the spread: 95 % of a rate, else the rounds, else nothing', () => {
    const row = structuredClone(arms.find(({ id }) => id === 'ssee-tester')!);
    const spread = (cell: object) => {
      Object.assign(row.metrics.ttfe_us_p99, cell);
      const { run } = sampleRun();
      run.plan.slo = [{ metric: 'ttfe_us_p99', arm: row.id, max: 3900, line: 31, column: 5 }];
      return evaluateSlos(run, [row])[0]!.interval;
    };
    expect(spread({})).toBeNull();
    expect(spread({ range: [3700, 4200] })).toEqual({ bounds: [3700, 4200], of: 'rounds' });
    expect(spread({ interval: [3800, 4000] })).toEqual({ bounds: [3800, 4000], of: '95 %' });
  });

  it('that names no row binds the rows that observe the metric', () => {
    const results = evaluate({ max: 10_000 });
    expect(results.map(({ arm, verdict }) => [arm, verdict])).toEqual(
      expect.arrayContaining([['ssee-tester', 'met']]),
    );
    expect(results.every(({ arm }) => arm !== 'wrk')).toBe(true);
  });

  it('of a row that cannot see the metric, or was not measured, is unknown and not met', () => {
    expect(evaluate({ arm: 'wrk', max: 10_000 })).toMatchObject([
      { verdict: 'unknown', value: null, interval: null, absence: 'not-observable' },
    ]);
    expect(evaluate({ metric: 'requests_per_sec', arm: 'curl', min: 1 })).toMatchObject([
      { verdict: 'unknown' },
    ]);
    expect(evaluate({ arm: 'gone', max: 1 })[0]!.sentence).toBe(
      'gone ttfe_us_p99 has no value: its row was not part of this run',
    );
  });
});

describe('the gate inside a run', () => {
  it('is there only where the scenario names base and head', () => {
    const { run, arms: judged } = sampleRun();
    expect(judgeVariants(run, judged, 'x', { spec: undefined, slos: [] })).toBeUndefined();
    expect(judgeVariants(run, judged, 'x', { spec: DEFAULT_GATE, slos: [] })).toBeUndefined();
    expect(
      judgeVariants(run, judged, 'x', { spec: { ...DEFAULT_GATE, base: 'a', head: 'b' }, slos: [] }),
    ).toMatchObject({ exitCode: 4, base: 'x@a', head: 'x@b' });
  });
});
