import { describe, expect, it, test } from 'vitest';
import { simulateNights, simulateStoredNights } from '../../src/gate/simulate-nights.ts';
import { RECOMMENDED_ROUNDS, verifyGate } from '../../src/gate/verify-gate.ts';

const plan = { nights: 100, seed: 11, rounds: RECOMMENDED_ROUNDS, control: true };

test('nights without a change do not alarm, whatever the noise', () => {
  expect(simulateNights({ ...plan, noise: 0.05, slowdown: 1 }).alarms).toBe(0);
  expect(simulateNights({ ...plan, noise: 0.15, slowdown: 1 }).alarms).toBeLessThanOrEqual(1);
});

test('most quiet nights without a change pass', () => {
  expect(simulateNights({ ...plan, noise: 0.05, slowdown: 1 }).passed).toBeGreaterThan(85);
});

test('one figure of twelve that is a fifth slower is found at 5 % noise', () => {
  const counts = simulateNights({ ...plan, noise: 0.05, slowdown: 1.2 });
  expect(counts.found).toBeGreaterThanOrEqual(95);
  expect(counts.missed).toBe(0);
});

test('at 15 % noise it is found or inconclusive, never the same', () => {
  const counts = simulateNights({ ...plan, noise: 0.15, slowdown: 1.2 });
  expect(counts.missed).toBe(0);
  expect(counts.found + counts.inconclusive).toBeGreaterThan(95);
});

describe('stored nights', () => {
  const stored = { seed: 11, rounds: 8, within: 0.03 };

  it.each([0.05, 0.08])('that differ by %f do not alarm without a change', (between) => {
    const counts = simulateStoredNights({ ...stored, nights: 56, between, slowdown: 1, stored: null });
    expect(counts.alarms).toBe(0);
    expect(counts.passed + counts.inconclusive).toBe(56);
  });

  it('of a chain that is twice as slow from its second night on never become what it passes by', () => {
    const counts = simulateStoredNights({ ...stored, nights: 42, between: 0.05, slowdown: 2, stored: null });
    expect([counts.passed, counts.missed]).toEqual([0, 0]);
  });

  it('that differ by little show a slowdown of a fifth, which is never called same', () => {
    const counts = simulateStoredNights({ ...stored, nights: 30, between: 0.02, slowdown: 1.2, stored: 10 });
    expect(counts.found).toBeGreaterThan(20);
    expect(counts.missed).toBe(0);
  });

  it('that are too few neither alarm nor call a slowdown same', () => {
    const counts = simulateStoredNights({ ...stored, nights: 20, between: 0, slowdown: 1.5, stored: 3 });
    expect([counts.found, counts.missed]).toEqual([0, 0]);
  });
});

test('every night has one verdict, and the same seed gives the same nights', () => {
  const counts = simulateNights({ ...plan, noise: 0.08, slowdown: 1.1 });
  expect(counts.alarms + counts.passed + counts.inconclusive).toBe(plan.nights);
  expect(simulateNights({ ...plan, noise: 0.08, slowdown: 1.1 })).toEqual(counts);
  expect(simulateNights({ ...plan, seed: 12, noise: 0.08, slowdown: 1.1 })).not.toEqual(counts);
});

test('the table names its targets and says whether they are met', () => {
  const lines: string[] = [];
  expect(verifyGate(40, (line) => lines.push(line))).toBe(true);
  expect(lines.filter((line) => line.endsWith('  ok'))).toHaveLength(7);
  expect(lines.at(-1)).toBe(
    'every target is met at 10 rounds with an A/A control, and against stored nights',
  );
});
