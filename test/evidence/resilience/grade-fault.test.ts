import { describe, expect, it } from 'vitest';
import { gradeFault, recoveryAfter } from '../../../src/evidence/resilience/grade-fault.ts';
import type { GoldenSignal, SignalReaction } from '../../../src/model/resilience.ts';

function reaction(
  signal: GoldenSignal,
  verdict: SignalReaction['verdict'],
  recoveredAtS: number | null = null,
): SignalReaction {
  return {
    signal,
    unit: 'us',
    before: null,
    during: null,
    after: null,
    worst: null,
    limit: null,
    limitFrom: null,
    verdict,
    brokeAtS: verdict === 'broken' ? 5 : null,
    recoveredAtS,
    reason: null,
  };
}

describe('the grade of a fault that ended at 6 s', () => {
  it.each<[string, SignalReaction[], string | null]>([
    [
      'A where no judged signal broke, errors and gaps among them',
      [reaction('gap', 'kept'), reaction('errors', 'kept'), reaction('ttfe', 'unknown')],
      'A',
    ],
    [
      'A with throughput in place of gaps',
      [reaction('throughput', 'kept'), reaction('errors', 'kept'), reaction('gap', 'unknown')],
      'A',
    ],
    [
      'none where nothing broke and errors are not known',
      [reaction('gap', 'kept'), reaction('errors', 'unknown')],
      null,
    ],
    [
      'none where nothing broke and neither throughput nor gaps are known',
      [reaction('errors', 'kept'), reaction('ttfe', 'kept'), reaction('saturation', 'kept')],
      null,
    ],
    [
      'none where all were back within a second and errors are not known',
      [reaction('gap', 'broken', 6.5), reaction('errors', 'unknown')],
      null,
    ],
    [
      'B where all were back within a second',
      [reaction('gap', 'broken', 7), reaction('errors', 'kept')],
      'B',
    ],
    [
      'B where they were back before its end',
      [reaction('gap', 'broken', 5.5), reaction('errors', 'kept')],
      'B',
    ],
    ['C a tenth of a second later', [reaction('gap', 'broken', 7.1)], 'C'],
    ['C where streams failed, however short', [reaction('errors', 'broken', 5.1)], 'C'],
    ['C up to five seconds', [reaction('gap', 'broken', 11)], 'C'],
    ['D after that', [reaction('gap', 'broken', 11.1)], 'D'],
    ['F where one is not back', [reaction('gap', 'broken', 6.1), reaction('throughput', 'broken')], 'F'],
    ['none where nothing could be judged', [reaction('gap', 'unknown')], null],
  ])('is %s', (_, signals, grade) => {
    expect(gradeFault(signals, 6)).toBe(grade);
  });

  it('rests on the last signal that came back', () => {
    expect(recoveryAfter([reaction('gap', 'broken', 6.2), reaction('ttfe', 'broken', 6.75)], 6)).toBeCloseTo(
      0.75,
    );
    expect(recoveryAfter([reaction('gap', 'broken', 5.2)], 6)).toBe(0);
    expect(recoveryAfter([reaction('gap', 'kept')], 6)).toBeNull();
  });
});
