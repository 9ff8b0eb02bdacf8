import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundedScores, findChangePoints } from '../../src/stats/change-points.ts';
import { SeededRandom } from '../../src/stats/seeded-random.ts';

/** Annual flow of the Nile at Aswan, 1871 to 1970 (Cobb, Biometrika 65, 1978), which fell in 1899. */
const NILE = [
  1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958,
  1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020,
  1050, 969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040,
  759, 781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890,
  744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
];

const noise = (random: SeededRandom): number =>
  random.next() + random.next() + random.next() + random.next() - 2;
const indexes = (values: readonly number[], seed = 1): number[] =>
  findChangePoints(values, { seed }).map(({ index }) => index);

describe('findChangePoints', () => {
  it('finds the fall of the Nile in 1899, and nothing else', () => {
    expect(NILE).toHaveLength(100);
    expect(indexes(NILE)).toEqual([28]);
  });

  it('finds a level that came and went', () => {
    const random = new SeededRandom(3);
    const values = Array.from({ length: 90 }, (_, at) => (at >= 30 && at < 60 ? 3 : 0) + noise(random));
    expect(indexes(values)).toEqual([30, 60]);
  });

  it('finds a clear step three runs after it came', () => {
    const random = new SeededRandom(5);
    const before = Array.from({ length: 40 }, () => noise(random));
    expect(indexes([...before, 10, 11, 12])).toEqual([40]);
    expect(indexes([...before, 10, 11])).toEqual([]);
  });

  it('takes one wild night for no change', () => {
    const random = new SeededRandom(7);
    const values = Array.from({ length: 40 }, () => noise(random));
    values[20] = 1e9;
    expect(indexes(values)).toEqual([]);
  });

  it('has nothing to say about few values and about those that never move', () => {
    expect(indexes([])).toEqual([]);
    expect(indexes([1, 1, 1, 9, 9])).toEqual([]);
    expect(indexes(new Array<number>(200).fill(0))).toEqual([]);
  });

  it('finds a change in at most 1 of 100 series without one', () => {
    const random = new SeededRandom(11);
    let alarms = 0;
    for (let series = 0; series < 400; series++) {
      const values = Array.from({ length: 40 }, () => noise(random));
      if (findChangePoints(values, { seed: series }).length > 0) alarms++;
    }
    expect(alarms).toBeLessThanOrEqual(4);
  });

  it('does not depend on unit and origin', () => {
    const series = fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 60 });
    fc.assert(
      fc.property(series, fc.integer({ min: -1000, max: 1000 }), fc.nat(99), (values, origin, seed) => {
        const found = findChangePoints(values, { seed });
        expect(
          findChangePoints(
            values.map((value) => 8 * (value + origin)),
            { seed },
          ),
        ).toEqual(found);
        for (const { index, p } of found) {
          expect(index).toBeGreaterThanOrEqual(3);
          expect(index).toBeLessThanOrEqual(values.length - 3);
          expect(p).toBeLessThanOrEqual(0.002);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('finds a step also after a night that was wild beyond measure', () => {
    const random = new SeededRandom(13);
    const values = Array.from({ length: 40 }, (_, at) => (at >= 20 ? 4 : 0) + noise(random));
    values[5] = 1e12;
    expect(indexes(values)).toEqual([20]);
  });

  it('cuts where the energy distance computed pair by pair is largest', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 8, maxLength: 20 }),
        fc.array(fc.integer({ min: 25, max: 60 }), { minLength: 8, maxLength: 20 }),
        (before, after) => {
          const values = [...before, ...after];
          // Alpha 1 accepts the first cut, whatever it is; then it searches both sides.
          const found = findChangePoints(values, { seed: 1, alpha: 1, permutations: 1 });
          const best = bestCut(values);
          expect(found.map(({ index }) => index)).toContain(best);
        },
      ),
    );
  });

  it('refuses values that are none', () => {
    expect(() => findChangePoints([1, Number.NaN], { seed: 1 })).toThrow(RangeError);
  });
});

/** Matteson and James (2014), equations 5 and 6, over bounded values. The first of equal ones. */
function bestCut(values: readonly number[]): number {
  const scores = boundedScores(values);
  let best = { cut: 0, energy: Number.NEGATIVE_INFINITY };
  for (let cut = 3; cut <= scores.length - 3; cut++) {
    const left = scores.slice(0, cut);
    const right = scores.slice(cut);
    const distance = 2 * meanDistance(left, right) - withinDistance(left) - withinDistance(right);
    const energy = (distance * left.length * right.length) / scores.length;
    if (energy > best.energy + 1e-9) best = { cut, energy };
  }
  return best.cut;
}

function meanDistance(a: readonly number[], b: readonly number[]): number {
  return (
    a.flatMap((x) => b.map((y) => Math.abs(x - y))).reduce((sum, d) => sum + d, 0) / (a.length * b.length)
  );
}

function withinDistance(a: readonly number[]): number {
  return (meanDistance(a, a) * a.length) / (a.length - 1);
}
