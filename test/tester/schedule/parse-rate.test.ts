import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '../../../src/model/errors.ts';
import { formatDuration } from '../../../src/model/units.ts';
import { parseRate } from '../../../src/tester/schedule/parse-rate.ts';

const FOR_EVER = Number.POSITIVE_INFINITY;

test.each([
  { text: '500', segments: [{ fromPerSec: 500, toPerSec: 500, durationMs: FOR_EVER }] },
  { text: '0.5', segments: [{ fromPerSec: 0.5, toPerSec: 0.5, durationMs: FOR_EVER }] },
  { text: '100..1000/30s', segments: [{ fromPerSec: 100, toPerSec: 1000, durationMs: 30_000 }] },
  { text: '1.5..10/2m', segments: [{ fromPerSec: 1.5, toPerSec: 10, durationMs: 120_000 }] },
  {
    text: '100/10s,200/500ms, 400',
    segments: [
      { fromPerSec: 100, toPerSec: 100, durationMs: 10_000 },
      { fromPerSec: 200, toPerSec: 200, durationMs: 500 },
      { fromPerSec: 400, toPerSec: 400, durationMs: FOR_EVER },
    ],
  },
  {
    text: '0..50/5s,0/1s,50..0/5s',
    segments: [
      { fromPerSec: 0, toPerSec: 50, durationMs: 5000 },
      { fromPerSec: 0, toPerSec: 0, durationMs: 1000 },
      { fromPerSec: 50, toPerSec: 0, durationMs: 5000 },
    ],
  },
])('$text is understood', ({ text, segments }) => {
  expect(parseRate(text)).toEqual(segments);
});

test.each([
  ['', '--rate: a step is empty; write e.g. 500 or 100/10s,200/10s'],
  ['100/10s,', '--rate: a step is empty; write e.g. 500 or 100/10s,200/10s'],
  ['fast', '--rate fast: "fast" is no number of requests per second; write e.g. 500, 0.5 or 100..1000/30s'],
  ['-5', '--rate -5: "-5" is no number of requests per second; write e.g. 500, 0.5 or 100..1000/30s'],
  ['1e3', '--rate 1e3: "1e3" is no number of requests per second; write e.g. 500, 0.5 or 100..1000/30s'],
  ['10..', '--rate 10..: "" is no number of requests per second; write e.g. 500, 0.5 or 100..1000/30s'],
  ['1..2..3/5s', '--rate 1..2..3/5s: a ramp has two ends; write e.g. 100..1000/30s'],
  ['100..1000', '--rate 100..1000: a ramp needs its time; write e.g. 100..1000/30s'],
  ['500,600/10s', '--rate 500: only the last step goes without a time; write e.g. 500/10s'],
  ['500/s', '--rate 500/s: "s" is no time; rates are per second already: leave it out'],
  ['500/10', '--rate 500/10: "10" is no time; write e.g. 500ms, 10s or 2m'],
  ['500/', '--rate 500/: "" is no time; write e.g. 500ms, 10s or 2m'],
  ['500/0s', '--rate 500/0s: a step of no time; leave it out'],
  ['500/25h', '--rate 500/25h: "25h" is longer than a day'],
  ['0', '--rate 0: sends nothing; give a rate above 0, e.g. 500'],
  ['0/5s,0', '--rate 0/5s,0: sends nothing; give a rate above 0, e.g. 500'],
  ['2000000', '--rate 2000000: 2000000 per second is above the 1000000 that are possible'],
])('%j is refused with what to do about it', (text, message) => {
  expect(() => parseRate(text)).toThrow(new UserError(message));
});

test('any steps come back as they were written', () => {
  const rate = fc.integer({ min: 1, max: 1_000_000 });
  const step = fc.record({
    fromPerSec: rate,
    toPerSec: rate,
    durationMs: fc.integer({ min: 1, max: 3_600_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
      const text = steps.map(({ fromPerSec, toPerSec, durationMs }) => {
        const rates = fromPerSec === toPerSec ? `${fromPerSec}` : `${fromPerSec}..${toPerSec}`;
        return `${rates}/${formatDuration(durationMs)}`;
      });
      const parsed = parseRate(text.join(','));
      parsed.forEach((segment, i) => {
        expect(segment).toEqual({ ...steps[i], durationMs: expect.closeTo(steps[i]!.durationMs, 6) });
      });
      expect(parsed).toHaveLength(steps.length);
    }),
  );
});

test('any text is understood or refused in words, never with a stack', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9.,/smh -]{0,20}$/));
  fc.assert(
    fc.property(text, (given) => {
      try {
        for (const { fromPerSec, toPerSec, durationMs } of parseRate(given)) {
          expect(fromPerSec).toBeGreaterThanOrEqual(0);
          expect(toPerSec).toBeGreaterThanOrEqual(0);
          expect(durationMs).toBeGreaterThan(0);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }),
    { numRuns: 500 },
  );
});
