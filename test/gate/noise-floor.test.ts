import { expect, test } from 'vitest';
import { findNoiseFloor } from '../../src/gate/noise-floor.ts';
import { poolSides } from '../../src/gate/pool-sides.ts';
import { around, makeSide, makeSideArm } from '../helpers/sides.ts';

const arm = (middle: number, spread = 0.02) => makeSideArm({ stream_us_p50: around(middle, spread) });

test('a control that differs by more than its scatter is the floor', () => {
  const floor = findNoiseFloor(arm(1000), 'stream_us_p50', arm(1100));
  expect(floor.from).toBe('control');
  expect(floor.relative).toBeCloseTo(0.1, 2);
  expect(floor.absolute).toBeCloseTo(100, 0);
});

test('without a difference the floor is what the scatter hides', () => {
  const quiet = findNoiseFloor(arm(1000, 0.01), 'stream_us_p50', arm(1000, 0.01)).relative!;
  const noisy = findNoiseFloor(arm(1000, 0.1), 'stream_us_p50', arm(1000, 0.1)).relative!;
  expect(quiet).toBeGreaterThan(0);
  expect(noisy / quiet).toBeGreaterThan(7);
});

test('without a control base’s own rounds are it', () => {
  expect(findNoiseFloor(arm(1000), 'stream_us_p50', undefined).from).toBe('rounds');
  expect(findNoiseFloor(arm(1000), 'stream_us_p50', makeSideArm({})).from).toBe('rounds');
});

test('nights that differ by more than their rounds raise it', () => {
  const nights = [arm(1000), arm(1150), arm(1000)];
  const floor = findNoiseFloor(arm(1000), 'stream_us_p50', undefined, nights);
  expect(floor.from).toBe('nights');
  expect(floor.relative).toBeCloseTo(0.15, 2);
  expect(findNoiseFloor(arm(1000), 'stream_us_p50', undefined, [arm(1000)]).from).toBe('rounds');
});

test('of a figure that can be 0 the floor is absolute', () => {
  const zeros = makeSideArm({ overrun_s: [0, 0, 0.1, 0.2, 0] });
  expect(findNoiseFloor(zeros, 'overrun_s', undefined)).toMatchObject({ relative: null });
});

test('pooled nights are one sample with rounds numbered on', () => {
  const pooled = poolSides(
    [
      makeSide('a', [makeSideArm({ ttfe_us_p50: [1, 2] })]),
      makeSide('b', [makeSideArm({ ttfe_us_p50: [3, 4, 5] })]),
    ],
    '2 nights',
  );
  expect(pooled.arms[0]!.samples.ttfe_us_p50).toEqual({ rounds: [1, 2, 3, 4, 5], values: [1, 2, 3, 4, 5] });
  const lacking = poolSides(
    [
      makeSide('a', [makeSideArm({}, { samples: { ttfe_us_p50: { absent: 'none' } } })]),
      makeSide('b', [makeSideArm({ ttfe_us_p50: [3] })]),
    ],
    '2 nights',
  );
  expect(lacking.arms[0]!.samples.ttfe_us_p50).toEqual({ rounds: [1], values: [3] });
});
