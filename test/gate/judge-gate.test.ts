import { describe, expect, it, test } from 'vitest';
import { type GateInput, judgeGate } from '../../src/gate/judge-gate.ts';
import { poolSides } from '../../src/gate/pool-sides.ts';
import type { GateSpec } from '../../src/model/gate.ts';
import { around, makeSide, makeSideArm } from '../helpers/sides.ts';

const SPEC: GateSpec = {
  metrics: [{ metric: 'ttfe_us_p50', maxRegression: 0.1, minEffect: 200 }],
  alpha: 0.05,
};

/** One metric of one row with an A/A control. */
function judge(head: number[], overrides: Partial<GateInput> = {}, base = around(6000, 0.02)) {
  return judgeGate({
    base: makeSide('base', [makeSideArm({ ttfe_us_p50: base })]),
    head: makeSide('head', [makeSideArm({ ttfe_us_p50: head })]),
    control: makeSide('control', [makeSideArm({ ttfe_us_p50: around(6010, 0.02) })]),
    spec: SPEC,
    noBaseline: [],
    ...overrides,
  });
}

describe('one cell', () => {
  it.each([
    ['no change', around(6005, 0.02), 'same'],
    ['a change below the threshold', around(6300, 0.02), 'same'],
    ['a fifth slower', around(7200, 0.02), 'worse'],
    ['a fifth faster', around(4800, 0.02), 'better'],
    ['a change at the threshold', around(6600, 0.02), 'inconclusive'],
    ['much noise in head', around(6000, 0.5), 'inconclusive'],
  ])('%s: %s', (_, head, verdict) => {
    expect(judge(head).cells[0]!.verdict).toBe(verdict);
  });

  it('is same where the change is large in percent and small in microseconds', () => {
    const head = around(72, 0.02);
    const control = makeSide('control', [makeSideArm({ ttfe_us_p50: around(60, 0.02) })]);
    expect(judge(head, { control }, around(60, 0.02)).cells[0]!.verdict).toBe('same');
  });

  it('names the finding of an alarm, of which there is none where it is no alarm', () => {
    const finding = (label: string) => ({ code: 'slow-handler', sentence: `It waits in ${label}.` });
    const side = (label: string, middle: number) =>
      makeSide(label, [makeSideArm({ ttfe_us_p50: around(middle, 0.02) }, { findings: [finding(label)] })]);
    const worse = judge([], { base: side('base', 6000), head: side('head', 7200) });
    expect(worse.cells[0]!.finding).toEqual({ ...finding('head'), base: 'It waits in base.' });
    expect(worse.sentence).toMatch(/^Regression: wrk ttfe_us_p50 is worse by .*\(finding: slow-handler\)\.$/);
    const same = judge([], { base: side('base', 6000), head: side('head', 6005) });
    expect(same.cells[0]!.finding).toBeNull();
  });

  it('does not alarm below what the A/A control itself shows', () => {
    const control = makeSide('control', [makeSideArm({ ttfe_us_p50: around(7400, 0.02) })]);
    const { cells, exitCode } = judge(around(7200, 0.02), { control });
    expect(cells[0]!.floor.relative).toBeGreaterThan(0.2);
    expect(cells[0]!.verdict).toBe('inconclusive');
    expect(exitCode).toBe(4);
  });

  it('alarms above the floor of base’s own rounds where there is no control', () => {
    const { control: _, ...input } = {
      base: makeSide('base', [makeSideArm({ ttfe_us_p50: around(6000, 0.02) })]),
      head: makeSide('head', [makeSideArm({ ttfe_us_p50: around(7200, 0.02) })]),
      control: undefined,
      spec: SPEC,
      noBaseline: [],
    };
    const { cells, exitCode } = judgeGate(input);
    expect([cells[0]!.floor.from, cells[0]!.verdict, exitCode]).toEqual(['rounds', 'worse', 3]);
  });

  it('alarms on a rate that falls, as on a latency that rises', () => {
    const spec: GateSpec = {
      metrics: [{ metric: 'requests_per_sec', maxRegression: 0.1, minEffect: 0 }],
      alpha: 0.05,
    };
    const side = (middle: number) => makeSide('x', [makeSideArm({ requests_per_sec: around(middle, 0.02) })]);
    const slower = judgeGate({ base: side(2000), head: side(1600), spec, noBaseline: [] });
    expect(slower.cells[0]!.verdict).toBe('worse');
    expect(slower.cells[0]!.relative!.value).toBeCloseTo(0.2, 2);
    expect(slower.cells[0]!.ratio!.interval![1]).toBeLessThan(0.85);
    expect(judgeGate({ base: side(1600), head: side(2000), spec, noBaseline: [] }).cells[0]!.verdict).toBe(
      'better',
    );
  });
});

describe('a round of 0', () => {
  const spec: GateSpec = {
    metrics: [{ metric: 'requests_per_sec', maxRegression: 0.1, minEffect: 0 }],
    alpha: 0.05,
  };
  const side = (values: number[]) => makeSide('x', [makeSideArm({ requests_per_sec: values })]);
  const base = side([0, ...around(1000, 0.005, 9)]);
  const control = side(around(1000, 0.005));

  it.each([
    ['two percent less', 980, 'same'],
    ['a fifth less', 800, 'worse'],
    ['a fifth more', 1200, 'better'],
  ])('in base does not switch the relative threshold off: %s', (_, middle, verdict) => {
    const head = side(around(middle, 0.005));
    const [cell] = judgeGate({ base, control, head, spec, noBaseline: [] }).cells;
    expect(cell!.relative).toBeNull();
    expect(cell!.verdict).toBe(verdict);
  });
});

describe('rates of streams', () => {
  const spec: GateSpec = {
    metrics: [{ metric: 'failure_rate', maxRegression: 0.1, minEffect: 0.01 }],
    alpha: 0.05,
  };
  const side = (hits: number, total: number) =>
    makeSide('x', [
      makeSideArm({ failure_rate: [hits / total] }, { shares: { failure_rate: { hits, total } } }),
    ]);

  it.each([
    ['none of many failed', [0, 20_000], [0, 20_000], 'same'],
    ['three in a hundred fail now', [0, 20_000], [600, 20_000], 'worse'],
    ['they fail no more', [600, 20_000], [0, 20_000], 'better'],
    ['half a point more is no regression', [200, 20_000], [260, 20_000], 'same'],
    ['a hundred streams say nothing about one point', [0, 100], [0, 100], 'inconclusive'],
  ] as const)('%s', (_, [a, n], [b, m], verdict) => {
    expect(judgeGate({ base: side(a, n), head: side(b, m), spec, noBaseline: [] }).cells[0]).toMatchObject({
      test: 'fisher',
      verdict,
    });
  });
});

describe('a base of stored nights', () => {
  const night = (middle: number) => makeSide('night', [makeSideArm({ ttfe_us_p50: around(middle, 0.01) })]);
  const hold = (head: number, ...middles: number[]) => {
    const nights = middles.map(night);
    return judgeGate({
      base: poolSides(nights, `${nights.length} stored nights`),
      baseIsPooled: true,
      nights,
      head: night(head),
      spec: SPEC,
      noBaseline: [],
    });
  };

  it('of fewer than four does not alarm, and does not pass either', () => {
    const result = hold(7200, 6000, 6010, 5990);
    expect([result.exitCode, result.cells[0]!.verdict]).toEqual([4, 'inconclusive']);
    expect(result.sentence).toMatch(
      /worse by 20 %.*; how nights differ is not known, 3 of 4 nights stored\.$/,
    );
    expect(hold(6000, 6000).exitCode).toBe(0);
  });

  it('of four that are alike alarms', () => {
    const result = hold(7200, 6000, 6010, 5990, 6005);
    expect(result.exitCode).toBe(3);
    expect(result.sentence).toMatch(/; outside 4 stored nights \(5\.99 ms to 6\.01 ms\), p /);
  });

  it('that differ as much as head does is inconclusive', () => {
    const result = hold(7500, 6000, 6400, 5700, 6500, 5800);
    expect(result.cells[0]!.why).toMatch(/^worse by .*; not outside 5 stored nights/);
    expect(result.exitCode).toBe(4);
  });

  it('that differ as much as head is faster has got no better', () => {
    expect(hold(5300, 6000, 6300, 5800, 6350, 5750).cells[0]!.verdict).toBe('same');
    expect(hold(5000, 6000, 6010, 5990, 6005).cells[0]!.verdict).toBe('better');
  });
});

describe('the verdict over all', () => {
  it('is inconclusive when head lost a figure that base has', () => {
    const head = makeSide('head', [
      makeSideArm({}, { samples: { ttfe_us_p50: { absent: 'no event came at all' } } }),
    ]);
    const result = judge([], { head });
    expect(result.exitCode).toBe(4);
    expect(result.sentence).toBe(
      'Inconclusive: wrk ttfe_us_p50: head has no value, base has: no event came at all.',
    );
  });

  it('does not speak of what neither side can see', () => {
    const blind = (label: string) =>
      makeSide(label, [
        makeSideArm({ requests_per_sec: around(100, 0.01) }),
        makeSideArm(
          {},
          {
            id: 'hey',
            name: 'hey',
            samples: {
              requests_per_sec: { rounds: [1], values: [100] },
              ttfe_us_p50: { absent: 'hey sees no events' },
            },
          },
        ),
      ]);
    const result = judge([], { base: blind('base'), head: blind('head') });
    expect(result.missing).toEqual([]);
    expect(result.sentence).toBe('Inconclusive: no figure is known on both sides.');
  });

  it('is inconclusive when a metric that the scenario names is known of no row', () => {
    const side = (label: string) =>
      makeSide(label, [
        makeSideArm(
          {},
          {
            samples: {
              ttfe_us_p50: { rounds: [1, 2, 3, 4, 5, 6], values: around(6000, 0.01, 6) },
              delivery_lag_us_p99: { absent: 'the target sends no timestamps' },
            },
          },
        ),
      ]);
    const metrics = [
      ...SPEC.metrics,
      { metric: 'delivery_lag_us_p99' as const, maxRegression: 0.1, minEffect: 0 },
    ];
    const sides = { base: side('base'), head: side('head'), control: side('control') };
    const named = judge([], { ...sides, spec: { ...SPEC, metrics, metricsAreNamed: true } });
    expect(named.exitCode).toBe(4);
    expect(named.sentence).toBe(
      'Inconclusive: wrk delivery_lag_us_p99: the scenario gates it and neither side knows it: the target sends no timestamps.',
    );
    expect(judge([], { ...sides, spec: { ...SPEC, metrics } }).exitCode).toBe(0);
  });

  it('is inconclusive when a planned row was measured on neither side', () => {
    const side = (label: string) =>
      makeSide(label, [
        makeSideArm({ ttfe_us_p50: around(6000, 0.02) }),
        makeSideArm(
          {},
          { id: 'hey', name: 'hey', samples: { ttfe_us_p50: { absent: 'hey is not installed' } } },
        ),
      ]);
    const result = judge([], { base: side('base'), head: side('head') });
    expect([result.exitCode, result.missing]).toEqual([
      4,
      [
        {
          arm: 'hey',
          metric: 'ttfe_us_p50',
          why: 'neither side has measured this row: hey is not installed',
        },
      ],
    ]);
    const gated = judge([], { base: side('base'), head: side('head'), spec: { ...SPEC, arms: ['wrk'] } });
    expect(gated.exitCode).toBe(0);
  });

  it('gates the named rows alone', () => {
    const slow = makeSide('head', [
      makeSideArm({ ttfe_us_p50: around(6000, 0.02) }),
      makeSideArm(
        { ttfe_us_p50: around(9000, 0.02) },
        { id: 'hey', name: 'hey', invariants: [{ name: 'unaccounted', count: 3, by: 'hey' }] },
      ),
    ]);
    const base = makeSide('base', [
      makeSideArm({ ttfe_us_p50: around(6000, 0.02) }),
      makeSideArm({ ttfe_us_p50: around(6000, 0.02) }, { id: 'hey', name: 'hey' }),
    ]);
    expect(judgeGate({ base, head: slow, spec: SPEC, noBaseline: [] }).exitCode).toBe(3);
    expect(judgeGate({ base, head: slow, spec: { ...SPEC, arms: ['wrk'] }, noBaseline: [] }).exitCode).toBe(
      0,
    );
  });

  it('says how often base broke what head breaks, and fails head all the same', () => {
    const broken = (label: string, count: number) =>
      makeSide(label, [
        makeSideArm(
          { ttfe_us_p50: around(6000, 0.02) },
          { invariants: [{ name: 'server-resets', count, by: 'the wire' }] },
        ),
      ]);
    const result = judge([], { base: broken('base', 7), head: broken('head', 2) });
    expect(result.exitCode).toBe(3);
    expect(result.invariants).toMatchObject([
      {
        arm: 'wrk',
        name: 'server-resets',
        count: 2,
        by: 'the wire',
        baseCount: 7,
        finding: { code: 'unproven', base: null },
      },
    ]);
  });

  it('says how large the loss is, and what limits each gated row now and limited it before', () => {
    const side = (label: string, code: string) =>
      makeSide(label, [
        makeSideArm(
          { ttfe_us_p50: around(6000, 0.02) },
          {
            finding: { code, sentence: `${code} it is.` },
            findings: [code, ...(label === 'head' ? ['events-lost'] : [])].map((one) => ({
              code: one,
              sentence: `${one} it is.`,
            })),
            invariants:
              label === 'head' ? [{ name: 'lost-events', count: 90, total: 100_000, by: 'ssee-tester' }] : [],
          },
        ),
        makeSideArm({ ttfe_us_p50: around(6000, 0.02) }, { id: 'hey', name: 'hey' }),
      ]);
    const result = judge([], { base: side('base', 'stream-paced'), head: side('head', 'slow-handler') });
    expect(result.sentence).toBe(
      'Regression: wrk has 90 lost-events among 100,000 events (0.09 %), counted by ssee-tester (finding: events-lost).',
    );
    expect(result.invariants[0]!.finding).toEqual({
      code: 'events-lost',
      sentence: 'events-lost it is.',
      base: null,
    });
    expect(result.findings).toEqual([
      { arm: 'wrk', base: 'stream-paced', head: 'slow-handler', sentence: 'slow-handler it is.' },
    ]);
  });

  it('fails before it judges when the run was cut off', () => {
    const head = makeSide('head', [makeSideArm({ ttfe_us_p50: around(9000, 0.02) })], {
      state: 'interrupted',
    });
    const result = judge([], { head });
    expect([result.exitCode, result.sentence]).toEqual([1, 'Failed: head: the run is interrupted.']);
  });

  it('does not judge figures that drift from round to round', () => {
    const drifting = Array.from({ length: 10 }, (_, index) => 6000 * (1 + index / 20));
    const result = judge(drifting);
    expect(result.exitCode).toBe(4);
    expect(result.sentence).toMatch(
      /ttfe_us_p50 rose by 3\d(\.\d)? % from the first to the last round of head/,
    );
    expect(
      judge([], {
        base: makeSide('nights', [makeSideArm({ ttfe_us_p50: drifting })]),
        head: makeSide('head', [makeSideArm({ ttfe_us_p50: around(7000, 0.02) })]),
        baseIsPooled: true,
      }).problems,
    ).toEqual([]);
  });
});

test('the correction counts every gated cell: many figures need more rounds', () => {
  const metrics = ['ttfe_us_p50', 'ttfe_us_p90', 'ttfe_us_p99', 'ttfb_us_p50', 'stream_us_p50'] as const;
  const spec: GateSpec = {
    metrics: metrics.map((metric) => ({ metric, maxRegression: 0.1, minEffect: 0 })),
    alpha: 0.05,
  };
  const side = (middle: number, rounds: number) =>
    makeSide('x', [
      makeSideArm(Object.fromEntries(metrics.map((metric) => [metric, around(middle, 0.01, rounds)]))),
    ]);
  const four = judgeGate({ base: side(6000, 4), head: side(9000, 4), spec, noBaseline: [] });
  expect(four.cells.map(({ verdict }) => verdict)).toEqual(metrics.map(() => 'inconclusive'));
  expect(four.cells[0]!.why).toBe(
    '4 against 4 rounds cannot tell any change among 5 cells; measure 5 rounds or compare fewer metrics',
  );
  expect(judgeGate({ base: side(6000, 6), head: side(9000, 6), spec, noBaseline: [] }).exitCode).toBe(3);
});
