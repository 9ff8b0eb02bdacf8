import { expect, test } from 'vitest';
import { evaluateClaims, unjudgedClaims } from '../../src/claims/evaluate-claims.ts';
import type { ClaimGround } from '../../src/claims/read-figure.ts';
import type { ClaimCondition, ClaimResult, ClaimSpec } from '../../src/model/claim.ts';
import { sampleComparison } from '../helpers/sample-comparison.ts';

const GROUND: ClaimGround = {
  arms: sampleComparison().arms,
  probes: { gone: { state: 'skipped', reason: 'there is no Go', figures: {} } },
  undecided: {},
};
const ORIGIN = { file: 'scenarios/seed/x.yaml' };

/** hey-q10 has 995 requests/s. */
function rate(operator: 'above' | 'below', value: number): ClaimCondition {
  return {
    kind: 'compare',
    figure: { from: 'metric', arm: 'hey-q10', id: 'requests_per_sec' },
    operator,
    operand: { value },
  };
}
const TRUE = rate('above', 900);
const FALSE = rate('above', 1000);
const UNKNOWN: ClaimCondition = {
  kind: 'compare',
  figure: { from: 'probe', probe: 'gone', id: 'x' },
  operator: 'above',
  operand: { value: 1 },
};

function judge(parts: Partial<ClaimSpec>): ClaimResult {
  return evaluateClaims([{ id: 'c', text: 'says', line: 3, column: 5, ...parts }], GROUND, ORIGIN)[0]!;
}

test.each([
  ['confirm holds', { confirm: TRUE }, 'confirmed'],
  ['confirm does not hold', { confirm: FALSE }, 'refuted'],
  ['confirm cannot be said', { confirm: UNKNOWN }, 'unproven'],
  ['both are there and confirm holds', { confirm: TRUE, refute: FALSE }, 'confirmed'],
  ['both are there and refute holds', { confirm: FALSE, refute: TRUE }, 'refuted'],
  ['refute holds and confirm cannot be said', { confirm: UNKNOWN, refute: TRUE }, 'refuted'],
  ['confirm holds and refute cannot be said', { confirm: TRUE, refute: UNKNOWN }, 'unproven'],
  ['confirm does not hold and refute cannot be said', { confirm: FALSE, refute: UNKNOWN }, 'unproven'],
  ['both hold', { confirm: TRUE, refute: TRUE }, 'unproven'],
  ['neither holds', { confirm: FALSE, refute: FALSE }, 'unproven'],
  ['refute alone holds', { refute: TRUE }, 'refuted'],
  ['refute alone does not hold', { refute: FALSE }, 'unproven'],
] as const)('where %s', (_, parts, verdict) => {
  const result = judge(parts);
  expect(result.verdict).toBe(verdict);
  expect(result.missing.length > 0).toBe(verdict === 'unproven');
});

const NEVER = { because: 'it is another machine' };

test.each([
  ['confirm holds', { confirm: TRUE }, 'confirmed', []],
  ['confirm does not hold', { confirm: FALSE }, 'unproven', []],
  ['nothing would confirm it either', {}, 'unproven', []],
  ['confirm cannot be said', { confirm: UNKNOWN }, 'unproven', ['probe gone skipped: there is no Go']],
] as const)('what nothing can refute never is: %s', (_, parts, verdict, missing) => {
  const result = judge({ ...parts, irrefutable: NEVER });
  expect(result.verdict).toBe(verdict);
  const why = 'any measurement here that could refute it: it is another machine';
  expect(result.missing).toEqual(verdict === 'confirmed' ? [] : [...missing, why]);
});

test('its figure is shown, with the row that it needs, and nothing is asked of it', () => {
  const beside = { from: 'metric', arm: 'hey-q10', id: 'requests_per_sec' } as const;
  const result = judge({ irrefutable: { ...NEVER, beside } });
  expect(result.evidence).toEqual([
    {
      sentence: 'hey-q10 requests_per_sec is 995/s',
      holds: null,
      shown: true,
      figure: { source: 'hey-q10 requests_per_sec', value: 995, unit: '1/s' },
      stated: null,
      trials: ['r1-hey-q10'],
    },
  ]);
  expect(result.reproduce).toContain('--tools hey-q10');
});

test('a figure to show that is not there is missing', () => {
  const beside = { from: 'probe', probe: 'gone', id: 'x' } as const;
  const result = judge({ irrefutable: { ...NEVER, beside } });
  expect(result.evidence).toEqual([]);
  expect(result.missing[0]).toBe('probe gone skipped: there is no Go');
});

test('unproven names the evidence that is missing', () => {
  expect(judge({ confirm: UNKNOWN, refute: TRUE }).missing).toEqual([]);
  expect(judge({ confirm: UNKNOWN }).missing).toEqual(['probe gone skipped: there is no Go']);
});

test('a verdict comes with its figures, its trials and the command that measures it again', () => {
  expect(judge({ confirm: TRUE, quote: 'q', section: '1', note: 'n' })).toEqual({
    id: 'c',
    text: 'says',
    quote: 'q',
    section: '1',
    published: null,
    note: 'n',
    verdict: 'confirmed',
    evidence: [
      {
        sentence: 'hey-q10 requests_per_sec is 995/s; asked: above 900/s',
        holds: true,
        figure: { source: 'hey-q10 requests_per_sec', value: 995, unit: '1/s' },
        stated: 900,
        trials: ['r1-hey-q10'],
      },
    ],
    missing: [],
    trials: ['r1-hey-q10'],
    reproduce: 'npm run bench -- scenarios/seed/x.yaml --tools hey-q10',
    file: 'scenarios/seed/x.yaml',
    line: 3,
    column: 5,
  });
});

test('the command takes along whose requests a row replays, and no rows for probes alone', () => {
  const arms = structuredClone(GROUND.arms) as typeof GROUND.arms;
  arms.find(({ id }) => id === 'hey-q10')!.replay = 'wrk';
  const claims = [TRUE, UNKNOWN].map((confirm) => ({ id: 'c', text: 's', confirm, line: 1, column: 1 }));
  const [first, second] = evaluateClaims(claims, { ...GROUND, arms }, { file: 'a b.yaml' });
  expect(first!.reproduce).toBe("npm run bench -- 'a b.yaml' --tools hey-q10,wrk");
  expect(second!.reproduce).toBe("npm run bench -- 'a b.yaml'");
});

test('claims of a scenario that could not be run are unproven for its reason', () => {
  const [claim] = unjudgedClaims(
    [{ id: 'c', text: 's', confirm: TRUE, line: 1, column: 1 }],
    'no Go',
    ORIGIN,
  );
  expect(claim).toMatchObject({ verdict: 'unproven', missing: ['no Go'], evidence: [], trials: [] });
});
