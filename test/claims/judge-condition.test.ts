import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeCondition } from '../../src/claims/judge-condition.ts';
import type { ClaimGround } from '../../src/claims/read-figure.ts';
import type { ClaimCondition, ComparisonOperator, Operand } from '../../src/model/claim.ts';
import { sampleComparison } from '../helpers/sample-comparison.ts';

const OPERATORS = ['above', 'below', 'atLeast', 'atMost', 'equals'] as const;

/** wrk with 1000 requests/s, over the rounds from `low` to `high`, and a probe. */
function ground(low = 1000, high = 1000): ClaimGround {
  const { arms } = sampleComparison();
  const wrk = arms.find(({ id }) => id === 'wrk')!;
  wrk.metrics.requests_per_sec = {
    known: true,
    value: (low + high) / 2,
    unit: '1/s',
    range: [low, high],
    rounds: 2,
    definition: 'rps/1',
  };
  wrk.wire.request_bytes = {
    known: true,
    value: Buffer.from('GET / HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n').toString('base64'),
    unit: 'base64',
    definition: 'wire-request/1',
  };
  return {
    arms,
    probes: {
      bench: {
        state: 'done',
        reason: null,
        figures: { fast: { value: 10, unit: 'ns/op' }, exists: { value: false, unit: '' } },
      },
      browser: { state: 'skipped', reason: 'chromium is not installed', figures: {} },
    },
    undecided: { wrk: { 'packet-loss': 'a capture' } },
  };
}

function compare(operator: ComparisonOperator, operand: Operand, within?: number): ClaimCondition {
  return {
    kind: 'compare',
    figure: { from: 'metric', arm: 'wrk', id: 'requests_per_sec' },
    operator,
    operand,
    ...(within === undefined ? {} : { within }),
  };
}

function probe(
  name: string,
  id: string,
  operator: ComparisonOperator,
  value: number | boolean,
): ClaimCondition {
  return { kind: 'compare', figure: { from: 'probe', probe: name, id }, operator, operand: { value } };
}

describe('a comparison', () => {
  it.each([
    ['above', 999, true],
    ['above', 1000, false],
    ['below', 1001, true],
    ['below', 1000, false],
    ['atLeast', 1000, true],
    ['atLeast', 1001, false],
    ['atMost', 1000, true],
    ['atMost', 999, false],
    ['equals', 1000, true],
    ['equals', 1001, false],
  ] as const)('of 1000 with %s %d', (operator, value, holds) => {
    expect(judgeCondition(compare(operator, { value }), ground()).holds).toBe(holds);
  });

  it.each([
    [800, 0.1, false],
    [910, 0.1, true],
    [1111, 0.1, true],
    [1112, 0.1, false],
  ])('with a constant of %d is equal within %d: %s', (value, within, holds) => {
    expect(judgeCondition(compare('equals', { value }, within), ground()).holds).toBe(holds);
  });

  it('with another row, times a factor', () => {
    const hey: Operand = { figure: { from: 'metric', arm: 'hey', id: 'requests_per_sec' }, times: 0.4 };
    const judged = judgeCondition(compare('above', hey), ground());
    expect(judged.holds).toBe(true);
    expect(judged.evidence[0]).toMatchObject({
      sentence: 'wrk requests_per_sec is 1,000/s; asked: above 0.4 x hey requests_per_sec (2,152/s)',
      trials: ['r1-wrk', 'r1-hey'],
      stated: null,
    });
  });

  it('is undecided where the rounds are on both sides, and says so', () => {
    const judged = judgeCondition(compare('above', { value: 1000 }), ground(900, 1100));
    expect(judged.holds).toBeNull();
    expect(judged.missing).toEqual([
      'wrk requests_per_sec is 1,000/s (900/s to 1,100/s), which is on both sides of what is asked (above 1,000/s); more rounds or a quieter machine',
    ]);
  });

  it('of a figure that is not there names what is missing', () => {
    const figure = { from: 'metric', arm: 'wrk', id: 'ttfb_us_p50' } as const;
    const judged = judgeCondition(
      { kind: 'compare', figure, operator: 'above', operand: { value: 1 } },
      ground(),
    );
    expect(judged.holds).toBeNull();
    expect(judged.missing[0]).toMatch(/^wrk ttfb_us_p50 has no value: ./);
  });

  it('of a row that was not run names the row', () => {
    const figure = { from: 'metric', arm: 'oha', id: 'ttfb_us_p50' } as const;
    const judged = judgeCondition(
      { kind: 'compare', figure, operator: 'above', operand: { value: 1 } },
      ground(),
    );
    expect(judged.missing).toEqual(['oha was not part of this run']);
  });

  it('never holds together with its opposite, and is decided without a spread', () => {
    const bound = fc.integer({ min: 500, max: 1500 });
    fc.assert(
      fc.property(bound, bound, fc.constantFrom(...OPERATORS), bound, (a, b, operator, value) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const condition = compare(operator, { value });
        const { holds, missing } = judgeCondition(condition, ground(low, high));
        const negated = judgeCondition({ kind: 'not', of: condition }, ground(low, high)).holds;
        expect(negated).toBe(holds === null ? null : !holds);
        expect(missing.length > 0).toBe(holds === null);
        if (low === high) expect(holds).not.toBeNull();
        // What holds over all rounds holds for each of them.
        if (holds !== null) {
          for (const round of [low, high])
            expect(judgeCondition(condition, ground(round, round)).holds).toBe(holds);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a probe', () => {
  it('gives numbers and truth values', () => {
    expect(judgeCondition(probe('bench', 'fast', 'below', 11), ground()).holds).toBe(true);
    expect(judgeCondition(probe('bench', 'exists', 'equals', true), ground()).holds).toBe(false);
    expect(judgeCondition(probe('bench', 'fast', 'below', 11), ground()).evidence[0]).toMatchObject({
      sentence: 'probe bench fast is 10 ns/op; asked: below 11 ns/op',
      trials: ['probe bench'],
    });
  });

  it.each([
    ['browser', 'x', 'probe browser skipped: chromium is not installed'],
    ['bench', 'toString', 'probe bench printed no figure toString'],
    ['other', 'x', 'probe other was not run'],
  ])('%s %s without a value says why', (name, id, missing) => {
    expect(judgeCondition(probe(name, id, 'above', 1), ground())).toEqual({
      holds: null,
      evidence: [],
      missing: [missing],
    });
  });

  it('a truth value is neither above nor below anything', () => {
    expect(judgeCondition(probe('bench', 'exists', 'above', 1), ground()).holds).toBeNull();
  });
});

describe('a header', () => {
  it.each([
    ['accept', true, undefined, true],
    ['Accept', true, 'text/event-stream', true],
    ['Accept', true, 'text/html', false],
    ['Connection', false, undefined, true],
    ['Connection', true, 'keep-alive', false],
  ])('%s, sent %s, equal to %s: %s', (name, sent, equals, holds) => {
    const condition: ClaimCondition = {
      kind: 'header',
      arm: 'wrk',
      name,
      sent,
      ...(equals === undefined ? {} : { equals }),
    };
    expect(judgeCondition(condition, ground()).holds).toBe(holds);
  });

  it('of a request that was not captured is undecided', () => {
    const condition: ClaimCondition = { kind: 'header', arm: 'curl', name: 'Accept', sent: true };
    expect(judgeCondition(condition, ground()).holds).toBeNull();
  });

  it('length of the request in bytes', () => {
    const condition: ClaimCondition = {
      kind: 'compare',
      figure: { from: 'request', arm: 'wrk' },
      operator: 'equals',
      operand: { value: 54 },
    };
    expect(judgeCondition(condition, ground()).holds).toBe(true);
  });
});

describe('a finding', () => {
  it('is present, absent, or not to be judged', () => {
    const of = (code: string, present: boolean, rank?: number): ClaimCondition => ({
      kind: 'finding',
      arm: 'hey-q10',
      code,
      present,
      ...(rank === undefined ? {} : { rank }),
    });
    expect(judgeCondition(of('tool-rate-limited', true, 1), ground()).holds).toBe(true);
    expect(judgeCondition(of('tool-rate-limited', false), ground()).holds).toBe(false);
    expect(judgeCondition(of('refused', true), ground()).holds).toBe(false);
    expect(judgeCondition(of('refused', false), ground()).holds).toBe(true);
  });

  it('that its rule could not judge is not absent', () => {
    const condition: ClaimCondition = { kind: 'finding', arm: 'wrk', code: 'packet-loss', present: false };
    expect(judgeCondition(condition, ground())).toMatchObject({
      holds: null,
      missing: ['wrk: packet-loss could not be judged, for want of a capture'],
    });
  });
});

describe('all, any and not', () => {
  const leaf: Record<string, ClaimCondition> = {
    true: probe('bench', 'fast', 'equals', 10),
    false: probe('bench', 'fast', 'equals', 9),
    null: probe('browser', 'x', 'equals', 1),
  };
  const value = fc.constantFrom(true, false, null);

  it('follow three-valued logic', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
        const of = values.map((one) => leaf[String(one)]!);
        const all = judgeCondition({ kind: 'all', of }, ground());
        const any = judgeCondition({ kind: 'any', of }, ground());
        expect(all.holds).toBe(values.includes(false) ? false : values.includes(null) ? null : true);
        expect(any.holds).toBe(values.includes(true) ? true : values.includes(null) ? null : false);
        // De Morgan
        const none = judgeCondition(
          { kind: 'all', of: of.map((part): ClaimCondition => ({ kind: 'not', of: part })) },
          ground(),
        );
        expect(judgeCondition({ kind: 'not', of: { kind: 'any', of } }, ground()).holds).toBe(none.holds);
        for (const judged of [all, any]) expect(judged.missing.length > 0).toBe(judged.holds === null);
      }),
      { numRuns: 60 },
    );
  });
});
