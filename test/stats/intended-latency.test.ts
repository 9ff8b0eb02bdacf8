import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FrozenServer, frozenServerQuantile } from '../../src/stats/intended-latency.ts';

/** Steps of the simulated server. */
const TICK_MS = 0.25;

/**
 * The same server as a program: it walks through time and works on everything that has arrived, except while it is
 * frozen. Knows no formula.
 */
function simulate(ratePerSec: number, spec: FrozenServer): number[] {
  const { windowMs, serviceMs, freezeFromMs, freezeToMs } = spec;
  const responses: number[] = [];
  const open: { sentMs: number; leftMs: number }[] = [];
  let sent = 0;
  for (let nowMs = 0; sent < (windowMs * ratePerSec) / 1000 || open.length > 0; nowMs += TICK_MS) {
    for (; (sent * 1000) / ratePerSec <= nowMs && (sent * 1000) / ratePerSec < windowMs; sent++) {
      open.push({ sentMs: (sent * 1000) / ratePerSec, leftMs: serviceMs });
    }
    if (nowMs >= freezeFromMs && nowMs < freezeToMs) continue;
    for (const request of open) request.leftMs -= TICK_MS;
    while (open.length > 0 && open[0]!.leftMs <= 0) responses.push(nowMs + TICK_MS - open.shift()!.sentMs);
  }
  return responses.sort((a, b) => a - b);
}

test.each([
  ['2 s in the middle of 10 s', { windowMs: 10_000, serviceMs: 5, freezeFromMs: 4000, freezeToMs: 6000 }],
  ['slow answers', { windowMs: 10_000, serviceMs: 400, freezeFromMs: 4000, freezeToMs: 6000 }],
  ['from the start', { windowMs: 5000, serviceMs: 10, freezeFromMs: 0, freezeToMs: 1500 }],
  ['past the end', { windowMs: 5000, serviceMs: 10, freezeFromMs: 4000, freezeToMs: 7000 }],
  ['the whole run', { windowMs: 2000, serviceMs: 10, freezeFromMs: 0, freezeToMs: 2500 }],
  [
    'answers longer than what was before',
    { windowMs: 3000, serviceMs: 900, freezeFromMs: 500, freezeToMs: 800 },
  ],
  ['only after the last send', { windowMs: 3000, serviceMs: 300, freezeFromMs: 3100, freezeToMs: 4000 }],
])('a freeze, %s: quantiles are those of a server simulated step by step', (_, spec) => {
  const ratePerSec = 500;
  const responses = simulate(ratePerSec, spec);
  expect(responses).toHaveLength((spec.windowMs * ratePerSec) / 1000);
  // An interval between sends, and the step of the simulation.
  const toleranceMs = 1000 / ratePerSec + 2 * TICK_MS;
  for (let rank = 0; rank < responses.length; rank++) {
    const below = frozenServerQuantile(rank / responses.length, spec);
    const above = frozenServerQuantile((rank + 1) / responses.length, spec);
    expect(responses[rank]).toBeGreaterThanOrEqual(below - toleranceMs);
    expect(responses[rank]).toBeLessThanOrEqual(above + toleranceMs);
  }
});

test('a freeze of 2 s in 10 s is what a fifth of all users see, not one request per connection', () => {
  const spec = { windowMs: 10_000, serviceMs: 0, freezeFromMs: 4000, freezeToMs: 6000 };
  const at = (q: number): number => frozenServerQuantile(q, spec);
  expect([0, 0.5, 0.8, 0.9, 0.95, 0.99, 1].map(at)).toEqual([
    0,
    0,
    0,
    1000,
    1500,
    expect.closeTo(1900, 6),
    2000,
  ]);
});

test('without a freeze every answer takes its service time', () => {
  const spec = { windowMs: 1000, serviceMs: 7, freezeFromMs: 500, freezeToMs: 500 };
  for (const q of [0, 0.5, 1]) expect(frozenServerQuantile(q, spec)).toBe(7);
});

test('any freeze: quantiles rise, from no less than the service time to no more than that and the freeze', () => {
  const ms = fc.integer({ min: 0, max: 5000 });
  fc.assert(
    fc.property(
      ms,
      ms,
      ms,
      fc.integer({ min: 1, max: 5000 }),
      (serviceMs, freezeFromMs, lengthMs, windowMs) => {
        const spec = { windowMs, serviceMs, freezeFromMs, freezeToMs: freezeFromMs + lengthMs };
        let before = serviceMs;
        for (let percent = 0; percent <= 100; percent++) {
          const responseMs = frozenServerQuantile(percent / 100, spec);
          expect(responseMs).toBeGreaterThanOrEqual(before - 1e-9);
          expect(responseMs).toBeLessThanOrEqual(serviceMs + lengthMs + 1e-9);
          before = responseMs;
        }
      },
    ),
  );
});

test('what cannot be is refused', () => {
  const spec = { windowMs: 1000, serviceMs: 1, freezeFromMs: 10, freezeToMs: 20 };
  for (const q of [-0.1, 1.1, Number.NaN]) expect(() => frozenServerQuantile(q, spec)).toThrow(RangeError);
  for (const broken of [
    { windowMs: 0 },
    { serviceMs: -1 },
    { freezeFromMs: -1 },
    { freezeToMs: 9 },
    { freezeToMs: Number.POSITIVE_INFINITY },
    { windowMs: Number.NaN },
  ]) {
    expect(() => frozenServerQuantile(0.5, { ...spec, ...broken })).toThrow(RangeError);
  }
});
