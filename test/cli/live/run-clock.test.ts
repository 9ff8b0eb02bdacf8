import { expect, it } from 'vitest';
import { RunClock } from '../../../src/cli/live/run-clock.ts';
import type { Plan, Trial } from '../../../src/model/plan.ts';

const trial = (kind: Trial['kind'], durationMs: number): Trial => ({
  id: kind,
  armId: 'wrk',
  kind,
  round: 1,
  durationMs,
  capture: 'off',
});
const plan = {
  warmupMs: 2000,
  trials: [trial('measured', 5000), trial('measured', 5000), trial('evidence', 1000)],
};

it('adds the load of what is left to what the trials before took beside theirs', () => {
  const clock = new RunClock(plan as Plan);
  expect(clock.expectMs(plan.trials[0]!)).toBe(5000 + 2000 + 1500);
  clock.learn(plan.trials[0]!, 5400);
  clock.learn(plan.trials[0]!, 5600);
  expect(clock.expectMs(plan.trials[1]!)).toBe(5500);
  const evidenceMs = clock.expectMs(plan.trials[2]!);
  expect(evidenceMs).toBeGreaterThan(1000 + 2000);
  expect(clock.expectRestMs(1, 0)).toBe(5500 + evidenceMs);
  expect(clock.expectRestMs(1, 4000)).toBe(1500 + evidenceMs);
});

it('expects no negative rest of a trial that takes longer, and nothing after the last', () => {
  const clock = new RunClock(plan as Plan);
  expect(clock.expectRestMs(2, 60_000)).toBe(0);
  expect(clock.expectRestMs(3, 0)).toBe(0);
});
