import { evaluateClaims } from '../../src/claims/evaluate-claims.ts';
import type { ClaimResult, ClaimSpec } from '../../src/model/claim.ts';
import type { Comparison } from '../../src/model/comparison.ts';
import { sampleComparison } from './sample-comparison.ts';

const CLAIMS: ClaimSpec[] = [
  {
    id: 'table-wrk-rate',
    section: '1',
    published: '792 QPS',
    quote: '| wrk | 792 | 41.6% |',
    text: 'wrk reaches 792 requests per second',
    confirm: {
      kind: 'compare',
      figure: { from: 'metric', arm: 'wrk', id: 'requests_per_sec' },
      operator: 'equals',
      operand: { value: 792 },
      within: 0.1,
    },
    line: 30,
    column: 5,
  },
  {
    id: 'q10-limits-hey',
    section: '3.2',
    text: 'hey -q 10 is limited by its own rate',
    note: 'beside the *article*',
    confirm: { kind: 'finding', arm: 'hey-q10', code: 'tool-rate-limited', present: true, rank: 1 },
    line: 34,
    column: 5,
  },
  {
    id: 'six-connections',
    section: '2.1',
    quote: '浏览器通常限制同域6连接',
    text: 'a browser opens six connections <per origin>',
    confirm: {
      kind: 'compare',
      figure: { from: 'probe', probe: 'browser', id: 'connections' },
      operator: 'equals',
      operand: { value: 6 },
    },
    line: 38,
    column: 5,
  },
  {
    id: 'hey-rate',
    section: '1',
    published: '921 QPS',
    text: 'hey -q 10 reaches 921 requests per second',
    irrefutable: {
      because: 'it is a rate of another machine',
      beside: { from: 'metric', arm: 'hey-q10', id: 'requests_per_sec' },
    },
    line: 42,
    column: 5,
  },
];

/** One claim of each verdict, and one that nothing can refute, over the sample comparison. */
export function sampleClaims(): ClaimResult[] {
  const { arms, scenario } = sampleComparison();
  return evaluateClaims(CLAIMS, { arms, probes: sampleProbes(), undecided: {} }, { file: scenario.path });
}

export function sampleProbes(): NonNullable<Comparison['probes']> {
  return {
    browser: { state: 'skipped', reason: 'Chromium is not installed', figures: {} },
    bench: { state: 'done', reason: null, figures: { 'parse.ns_per_op': { value: 514.1, unit: 'ns/op' } } },
  };
}
