import type { Comparison } from '../../src/model/comparison.ts';
import type { GateCell, GateResult } from '../../src/model/gate.ts';
import { sampleComparison } from './sample-comparison.ts';

const NONE = { base: [], head: [] };

function cell(metric: GateCell['metric'], verdict: GateCell['verdict'], head: number): GateCell {
  const change = head / 2000 - 1;
  return {
    arm: 'ssee-tester',
    metric,
    unit: 'us',
    better: 'lower',
    test: 'mann-whitney',
    base: { value: 2000, n: 5 },
    head: { value: head, n: 5 },
    ratio: { value: head / 2000, interval: [head / 2050, head / 1950] },
    relative: { value: change, interval: [change - 0.02, change + 0.02] },
    absolute: { value: head - 2000, interval: [head - 2050, head - 1950] },
    p: 0.008,
    pAdjusted: 0.024,
    verdict,
    why: `${metric} went from 2 ms to ${head / 1000} ms`,
    outliers: NONE,
    maxRegression: 0.1,
    minEffect: 0,
    floor: { relative: 0.03, absolute: 60, from: 'control' },
    finding:
      verdict === 'worse'
        ? { code: 'slow-handler', sentence: 'The handler takes its time.', base: null }
        : null,
    confirmed: null,
  };
}

/** The sample with promises, one of each verdict, and a gate that has found a regression. */
export function gatedComparison(): Comparison {
  const comparison = sampleComparison();
  const promise = { arm: 'ssee-tester', unit: 'us', min: null, file: 'scenarios/x.yaml', column: 5 } as const;
  comparison.slo = [
    {
      ...promise,
      metric: 'ttfe_us_p99',
      max: 5000,
      value: 3900,
      interval: { bounds: [3700, 4200], of: 'rounds' },
      absence: null,
      verdict: 'met',
      sentence: 'met',
      line: 31,
    },
    {
      ...promise,
      metric: 'ttfe_us_p50',
      max: 500,
      value: 620,
      interval: { bounds: [600, 650], of: 'rounds' },
      absence: null,
      verdict: 'broken',
      sentence: 'ssee-tester: ttfe_us_p50 is 620 us, more than 500 us',
      line: 32,
    },
    {
      ...promise,
      arm: 'wrk',
      metric: 'ttfe_us_p99',
      max: 5000,
      value: null,
      interval: null,
      absence: 'not-observable',
      verdict: 'unknown',
      sentence: 'wrk: ttfe_us_p99 is not known: wrk times whole responses only',
      line: 33,
    },
  ];
  comparison.gate = {
    schema: 'ssee-bench/gate/1',
    verdict: 'regression',
    exitCode: 3,
    sentence: 'regression: ssee-tester ttfe_us_p99 is 1.21 times what it was',
    scenario: comparison.scenario.name,
    base: 'run@old',
    head: 'run@new',
    control: 'run@old-again',
    alpha: 0.05,
    problems: [{ kind: 'invalid', arm: 'hey', detail: 'its CPU was used up' }],
    invariants: [
      {
        name: 'lost-events',
        count: 3,
        total: 3000,
        by: 'ssee-tester',
        arm: 'ssee-tester',
        baseCount: 0,
        finding: {
          code: 'unproven',
          sentence: 'No finding of this row counts lost-events: too few, or no rule is about them.',
          base: null,
        },
      },
    ],
    brokenSlos: ['ssee-tester: ttfe_us_p50 is 620 us, more than 500 us'],
    cells: [
      cell('ttfe_us_p99', 'worse', 2420),
      cell('ttfe_us_p50', 'inconclusive', 2100),
      cell('ttfb_us_p50', 'same', 2001),
      cell('ttfb_us_p99', 'better', 1500),
    ],
    findings: [
      {
        arm: 'ssee-tester',
        base: 'stream-paced',
        head: 'slow-handler',
        sentence: 'The handler takes its time.',
      },
    ],
    missing: [{ arm: 'wrk', metric: 'ttfe_us_p99', why: 'wrk times whole responses only' }],
  } satisfies GateResult;
  return comparison;
}
