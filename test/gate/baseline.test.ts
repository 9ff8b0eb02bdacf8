import { describe, expect, it, test } from 'vitest';
import {
  addNight,
  EMPTY_BASELINE,
  findNights,
  parseBaseline,
  whyNotStored,
} from '../../src/gate/baseline.ts';
import { confirmAlarms } from '../../src/gate/confirm-alarms.ts';
import { judgeGate } from '../../src/gate/judge-gate.ts';
import { poolSides } from '../../src/gate/pool-sides.ts';
import { around, makeKey, makeSide, makeSideArm } from '../helpers/sides.ts';

const night = (label: string, key = makeKey()) =>
  makeSide(label, [makeSideArm({ ttfe_us_p50: around(6000, 0.02) })], { key });

test('nights of one key are kept together, the last ten of them', () => {
  let baseline = EMPTY_BASELINE;
  for (let index = 1; index <= 12; index++) baseline = addNight(baseline, night(`night ${index}`), false);
  const found = findNights(baseline, makeKey());
  expect('nights' in found && found.nights.map(({ label }) => label)).toEqual(
    Array.from({ length: 10 }, (_, index) => `night ${index + 3}`),
  );
});

test('a baseline begun anew forgets the nights of its key alone', () => {
  const other = makeKey({ scenario: { name: 'other', sha256: '0' } });
  const baseline = addNight(
    addNight(addNight(EMPTY_BASELINE, night('a'), false), night('b', other), false),
    night('c'),
    true,
  );
  const labels = (key: typeof other) => {
    const found = findNights(baseline, key);
    return 'nights' in found ? found.nights.map(({ label }) => label) : found.reasons;
  };
  expect(labels(makeKey())).toEqual(['c']);
  expect(labels(other)).toEqual(['b']);
});

test('what differs from the nearest stored key is named', () => {
  const far = makeKey({
    load: { connections: 10, durationMs: 1000, timeoutMs: 1, stream: 'endless' },
    tools: { hey: '1' },
  });
  const near = makeKey({ tools: { wrk: '4.2.0' } });
  const baseline = addNight(addNight(EMPTY_BASELINE, night('far', far), false), night('near', near), false);
  expect(findNights(baseline, makeKey())).toEqual({
    reasons: ['the version of wrk is 4.1.0, 4.2.0 in the baseline'],
  });
});

describe('a judged night', () => {
  const judge = (middle: number, overrides: Parameters<typeof makeSideArm>[1] = {}, rounds = 10) => {
    const base = makeSide('base', [makeSideArm({ ttfe_us_p50: around(6000, 0.02, rounds) })]);
    const head = makeSide('head', [makeSideArm({ ttfe_us_p50: around(middle, 0.02, rounds) }, overrides)]);
    const spec = {
      metrics: [{ metric: 'ttfe_us_p50' as const, maxRegression: 0.1, minEffect: 0 }],
      alpha: 0.05,
    };
    const result = judgeGate({ base, head, spec, noBaseline: [] });
    const sides = { base, head };
    return [result.exitCode, whyNotStored(result, sides, false), whyNotStored(result, sides, true)];
  };
  const notPassed = 'the run did not pass (--accept stores it all the same)';
  const invalid = 'the run is no valid measurement';

  it.each<[string, ReturnType<typeof judge>, unknown[]]>([
    ['that passed is stored', judge(6000), [0, undefined, undefined]],
    ['of too few rounds is stored', judge(6000, {}, 3), [4, undefined, undefined]],
    ['at the threshold is stored', judge(6600), [4, undefined, undefined]],
    ['that is worse is not', judge(7500), [3, notPassed, undefined]],
    [
      'with a lost event is not',
      judge(6000, { invariants: [{ name: 'lost-events', count: 1, by: 'x' }] }),
      [3, notPassed, undefined],
    ],
    [
      'that lost a figure is not',
      judge(6000, { samples: { ttfe_us_p50: { absent: 'gone' } } }),
      [4, notPassed, undefined],
    ],
    ['that is invalid is not, accepted or not', judge(6000, { invalid: ['busy'] }), [4, invalid, invalid]],
    ['of which a trial failed is not', judge(6000, { failed: ['r1'] }), [1, invalid, invalid]],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});

describe('a night held against few stored ones', () => {
  const ROWS: Record<string, (value: number) => Parameters<typeof makeSideArm>> = {
    ttfe_us_p50: (value) => [{ ttfe_us_p50: around(6000 * value, 0.02) }],
    requests_per_sec: (value) => [{ requests_per_sec: around(2000 / value, 0.02) }],
  };
  const judge = (metric: 'ttfe_us_p50' | 'requests_per_sec', factor: number, stored: number) => {
    const nights = Array.from({ length: stored }, (_, index) =>
      makeSide(`night ${index}`, [makeSideArm(...ROWS[metric]!(1 + index / 50))]),
    );
    const base = poolSides(nights, 'nights');
    const head = makeSide('head', [makeSideArm(...ROWS[metric]!(factor))]);
    const spec = { metrics: [{ metric, maxRegression: 0.1, minEffect: 0 }], alpha: 0.05 };
    const result = judgeGate({ base, baseIsPooled: true, head, nights, spec, noBaseline: [] });
    const sides = { base, head, nights };
    return {
      code: result.exitCode,
      reason: whyNotStored(result, sides, false),
      accepted: whyNotStored(result, sides, true),
    };
  };

  it.each(['ttfe_us_p50', 'requests_per_sec'] as const)(
    'is not stored when %s is far worse, and says why',
    (metric) => {
      for (const stored of [1, 2, 3]) {
        expect(judge(metric, 2, stored)).toEqual({
          code: 4,
          reason: expect.stringMatching(
            new RegExp(`^wrk ${metric} is worse by .* ${stored} of 4 nights stored; so large a change`),
          ),
          accepted: undefined,
        });
      }
    },
  );

  it.each([
    ['a little worse', 1.3, 1],
    ['far better', 0.4, 1],
  ])('is stored when it is %s', (_, factor, stored) => {
    expect(judge('ttfe_us_p50', factor, stored).reason).toBeUndefined();
    expect(judge('requests_per_sec', factor, stored).reason).toBeUndefined();
  });

  it.each([
    [1, 0, 3],
    [3, 0, 3],
    [1, 10, 4],
  ])('alarms by failed streams after %i nights with %i of 1,000 each: exit code %i', (stored, hits, code) => {
    const sideOf = (label: string, failed: number) =>
      makeSide(label, [
        makeSideArm(
          { failure_rate: Array.from({ length: 10 }, () => failed / 1000) },
          { shares: { failure_rate: { hits: failed, total: 1000 } } },
        ),
      ]);
    const nights = Array.from({ length: stored }, (_, index) => sideOf(`night ${index}`, hits));
    const base = poolSides(nights, 'nights');
    const head = sideOf('head', 300);
    const spec = {
      metrics: [{ metric: 'failure_rate' as const, maxRegression: 0.1, minEffect: 0.001 }],
      alpha: 0.05,
    };
    const result = judgeGate({ base, baseIsPooled: true, head, nights, spec, noBaseline: [] });
    expect(result.exitCode).toBe(code);
    expect(whyNotStored(result, { base, head, nights }, false)).toMatch(
      code === 3 ? /did not pass/ : /so large/,
    );
  });
});

test('a night whose alarm was not confirmed is stored when it is accepted, and else not', () => {
  const base = night('base');
  const head = makeSide('head', [makeSideArm({ ttfe_us_p50: around(7500, 0.02) })]);
  const spec = {
    metrics: [{ metric: 'ttfe_us_p50' as const, maxRegression: 0.1, minEffect: 0 }],
    alpha: 0.05,
  };
  const first = judgeGate({ base, head, spec, noBaseline: [] });
  const second = judgeGate({ base, head: night('again'), spec, noBaseline: [] });
  const result = confirmAlarms(first, second);
  expect(result.exitCode).toBe(4);
  expect(whyNotStored(result, { base, head }, false)).toMatch(/did not pass/);
  expect(whyNotStored(result, { base, head }, true)).toBeUndefined();
});

test.each<[string, string, unknown]>([
  ['no load', 'key.load', null],
  ['no tools', 'key.tools', null],
  ['no machine', 'key.machine', null],
  ['no nights', 'nights', []],
  ['a row of nothing', 'nights.0.arms', [{}]],
  ['a row that is null', 'nights.0.arms.0', null],
  ['a sample without values', 'nights.0.arms.0.samples.ttfe_us_p50.values', []],
  ['a value that is none', 'nights.0.arms.0.samples.ttfe_us_p50.values.0', null],
  ['more hits than streams', 'nights.0.arms.0.shares.timeout_rate', { hits: 2, total: 1 }],
])('a baseline damaged by %s is refused in one line', (_, path, value) => {
  const baseline: unknown = JSON.parse(JSON.stringify(addNight(EMPTY_BASELINE, night('a'), false)));
  const keys = `entries.0.${path}`.split('.');
  const last = keys.pop()!;
  const parent = keys.reduce((at, key) => (at as Record<string, unknown>)[key], baseline);
  (parent as Record<string, unknown>)[last] = value;
  expect(() => parseBaseline(JSON.stringify(baseline))).toThrow(/^it is damaged at entries\.0\..+ \(.+\)$/);
});

test('what a newer version has added to a baseline is kept', () => {
  const baseline = { ...addNight(EMPTY_BASELINE, night('a'), false), note: 1 };
  expect(parseBaseline(JSON.stringify(baseline))).toEqual(baseline);
});

test('a written baseline is read back, anything else is refused', () => {
  const baseline = addNight(EMPTY_BASELINE, night('a'), false);
  expect(parseBaseline(JSON.stringify(baseline))).toEqual(baseline);
  for (const text of [
    '',
    'null',
    '[]',
    '{"schema":"ssee-bench/baseline/1"}',
    '{"schema":"x","entries":[]}',
    '{"schema":"ssee-bench/baseline/1","entries":[{}]}',
    '{"schema":"ssee-bench/baseline/1","entries":[null]}',
  ]) {
    expect(() => parseBaseline(text), text).toThrow();
  }
});
