import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { findDeathClusters } from '../../src/stats/deadline-deaths.ts';
import { SeededRandom } from '../../src/stats/seeded-random.ts';

type Draw = (random: SeededRandom) => number;

const exponential =
  (meanMs: number): Draw =>
  (random) =>
    meanMs * random.nextExponential();
const uniform =
  (lowMs: number, highMs: number): Draw =>
  (random) =>
    lowMs + (highMs - lowMs) * random.next();
const normal =
  (meanMs: number, sdMs: number): Draw =>
  (random) =>
    meanMs + sdMs * Math.sqrt(2 * random.nextExponential()) * Math.cos(2 * Math.PI * random.next());

function draw(random: SeededRandom, count: number, one: Draw): number[] {
  return Array.from({ length: count }, () => one(random));
}

describe('scatter is no cluster, in 99 of 100 runs or more', () => {
  const laws: [string, Draw][] = [
    ['exponential with mean 0.3 s', exponential(300)],
    ['exponential with mean 1 s', exponential(1000)],
    ['exponential with mean 10 s', exponential(10_000)],
    ['exponential with mean 60 s', exponential(60_000)],
    ['exponential with mean 10 min', exponential(600_000)],
    ['exponential in whole milliseconds', (random) => Math.round(1000 * random.nextExponential())],
    ['uniform over a run of 60 s', uniform(0, 60_000)],
    ['uniform over a run of 61 s', uniform(0, 61_000)],
    ['uniform from 30 to 60 s', uniform(30_000, 60_000)],
    ['uniform over an hour', uniform(0, 3_600_000)],
    // Cut off where a run of 60 s ends: the density jumps at a round age.
    [
      'exponential until the run ends',
      (random) => -60_000 * Math.log(1 - random.next() * (1 - Math.exp(-1))),
    ],
    ['log-normal, half to twice 60 s', (random) => 60_000 * Math.exp(normal(0, 0.5)(random))],
    ['log-normal within a third of 60 s', (random) => 60_000 * Math.exp(normal(0, 0.2)(random))],
  ];
  it.each(laws)('%s', (_, law) => {
    const random = new SeededRandom(11);
    for (const [deaths, runs] of [
      [3, 2000],
      [20, 600],
      [100, 300],
      [2000, 100],
    ] as const) {
      let alarms = 0;
      for (let run = 0; run < runs; run++) {
        if (findDeathClusters(draw(random, deaths, law)).length > 0) alarms++;
      }
      expect(alarms / runs, `${deaths} deaths`).toBeLessThanOrEqual(0.01);
    }
  });
});

test('the top of a hump is no deadline, however many die there, and a deadline within a hump is one', () => {
  const random = new SeededRandom(2);
  const hump = draw(random, 5000, normal(60_000, 6000));
  expect(findDeathClusters(hump)).toEqual([]);
  expect(findDeathClusters(draw(random, 5000, normal(60_000, 1200)))).toEqual([]);
  expect(findDeathClusters([...hump, ...draw(random, 400, normal(63_000, 10))])).toMatchObject([
    { ageMs: expect.closeTo(63_000, -2), round: false },
  ]);
});

describe('a deadline of 60 s that fires within 50 ms is found', () => {
  it.each([
    { planted: 3, scattered: 0 },
    { planted: 3, scattered: 20 },
    { planted: 5, scattered: 100 },
    { planted: 20, scattered: 1000 },
    { planted: 200, scattered: 20_000 },
  ])('$planted of it among $scattered that scatter over two minutes', ({ planted, scattered }) => {
    const random = new SeededRandom(planted);
    for (let run = 0; run < 20; run++) {
      const ages = [
        ...draw(random, scattered, uniform(0, 120_000)),
        ...draw(random, planted, uniform(59_950, 60_050)),
      ];
      const clusters = findDeathClusters(ages);
      expect(clusters[0]).toMatchObject({ nominalMs: 60_000, round: true });
      const { ageMs, count, share, spreadMs } = clusters[0]!;
      expect(Math.abs(ageMs - 60_000)).toBeLessThan(60);
      expect(count).toBeGreaterThanOrEqual(planted * 0.8);
      // The scatter in the widest window that could have been taken.
      expect(count).toBeLessThanOrEqual(planted + 3 + scattered * 0.01);
      expect(share).toBe(count / ages.length);
      expect(spreadMs).toBeLessThan(700);
    }
  });
});

test('all connections that die of one deadline are its members, and the spread is theirs', () => {
  const ages = draw(new SeededRandom(1), 100, uniform(59_950, 60_050));
  expect(findDeathClusters(ages)).toEqual([
    {
      ageMs: expect.closeTo(60_000, -1.5),
      nominalMs: 60_000,
      count: 100,
      share: 1,
      spreadMs: expect.closeTo(45, -1),
      round: true,
    },
  ]);
});

test('several deadlines are told apart, an odd one is not called round', () => {
  const random = new SeededRandom(5);
  const ages = [
    ...draw(random, 30, normal(60_000, 20)),
    ...draw(random, 12, normal(61_300, 20)),
    ...draw(random, 10, normal(75_000, 20)),
    ...draw(random, 50, normal(300_000, 20)),
    ...draw(random, 40, exponential(100_000)),
  ];
  const found = findDeathClusters(ages).map(({ nominalMs, count, round }) => ({
    seconds: Math.round(nominalMs / 100) / 10,
    count,
    round,
  }));
  expect(found).toEqual([
    { seconds: 300, count: 50, round: true },
    { seconds: 60, count: 30, round: true },
    { seconds: 61.3, count: 12, round: false },
    { seconds: 75, count: 10, round: true },
  ]);
});

test('timers late by up to a second still stand for their minute or hour', () => {
  for (const [nominalMs, lateMs] of [
    [60_000, 1000],
    [75_000, 1000],
    [600_000, 1000],
    [3_600_000, 1000],
  ] as const) {
    const ages = draw(new SeededRandom(8), 40, uniform(nominalMs, nominalMs + lateMs));
    expect(findDeathClusters(ages)).toMatchObject([{ nominalMs, count: 40, round: true }]);
  }
});

test('the stragglers of a large cluster are no clusters of their own', () => {
  const ages = draw(new SeededRandom(2), 50_000, normal(60_000, 600));
  expect(findDeathClusters(ages)).toMatchObject([{ nominalMs: 60_000, round: true }]);
});

test('two deaths are a coincidence, however close', () => {
  expect(findDeathClusters([60_000, 60_000])).toEqual([]);
  expect(findDeathClusters([60_000, 60_000, 60_000])).toHaveLength(1);
});

test('deaths in the first quarter of a second are failures to start, not deadlines', () => {
  expect(findDeathClusters(new Float64Array(1000).fill(100))).toEqual([]);
  expect(findDeathClusters([])).toEqual([]);
});

test('any ages: members are never counted twice, order of input does not matter, input is left alone', () => {
  const age = fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.constantFrom(1000, 60_000, 60_001, 61_000));
  fc.assert(
    fc.property(fc.array(age, { maxLength: 200 }), (ages) => {
      const copy = [...ages];
      const clusters = findDeathClusters(ages);
      expect(ages).toEqual(copy);
      expect(findDeathClusters(ages.toReversed())).toEqual(clusters);
      let members = 0;
      for (const { ageMs, nominalMs, count, share, spreadMs, round } of clusters) {
        members += count;
        expect(count).toBeGreaterThanOrEqual(3);
        expect(share).toBe(count / ages.length);
        expect(spreadMs).toBeGreaterThanOrEqual(0);
        expect(spreadMs).toBeLessThanOrEqual(ageMs * 0.06);
        expect(round || nominalMs === ageMs).toBe(true);
      }
      expect(members).toBeLessThanOrEqual(ages.length);
    }),
  );
});

test('ages that cannot be are refused', () => {
  for (const age of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => findDeathClusters([1, age, 2])).toThrow(RangeError);
  }
});
