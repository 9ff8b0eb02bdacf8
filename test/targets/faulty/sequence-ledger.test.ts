import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventSequencer, SequenceCounts } from '../../../src/sse/event-sequencer.ts';
import { SequenceLedger } from '../../../targets/faulty/sequence-ledger.ts';

function judge(ids: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {};
  const ledger = new SequenceLedger((kind, count) => {
    if (count > 0) counts[kind] = (counts[kind] ?? 0) + count;
  });
  for (const id of ids) ledger.note(id);
  ledger.end();
  return counts;
}

describe('the ledger of ids', () => {
  const cases: [string, number[], Record<string, number>][] = [
    ['in order, from anywhere', [7, 8, 9], {}],
    ['one left out', [1, 2, 4, 5], { gap: 1 }],
    ['one late by five events', [1, 3, 4, 5, 6, 7, 2], { reordered: 1 }],
    ['one late by six events', [1, 3, 4, 5, 6, 7, 8, 2], { gap: 1, 'rolled-back': 1 }],
    ['one again, five below', [1, 2, 3, 4, 5, 6, 1], { duplicate: 1 }],
    ['one again, six below', [1, 2, 3, 4, 5, 6, 7, 1], { 'rolled-back': 1 }],
    ['one again, five below the first missing one', [1, 2, 3, 4, 5, 7, 1, 6], { duplicate: 1, reordered: 1 }],
    ['one from before the beginning', [5, 6, 4], { 'rolled-back': 1 }],
    ['one again below one given up', [1, 3, 4, 5, 6, 7, 8, 1], { gap: 1, 'rolled-back': 1 }],
    ['repeats that make nothing late', [1, 3, 3, 3, 3, 3, 3, 3, 2], { duplicate: 6, reordered: 1 }],
    ['a jump at the end', [1, 4], { gap: 2 }],
    ['nothing', [], {}],
  ];
  it.each(cases)('judges %s', (_, ids, counts) => {
    expect(judge(ids)).toEqual(counts);
  });

  it('agrees with the sequencer of the client on any ids', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 80 }), (ids) => {
        const found = new SequenceCounts();
        const sequencer = new EventSequencer(found);
        for (const id of ids) sequencer.accept(id);
        sequencer.end();
        const { gap = 0, duplicate = 0, reordered = 0, 'rolled-back': rolledBack = 0 } = judge(ids);
        expect({ gaps: gap, duplicates: duplicate, reordered, rolledBack }).toEqual({
          gaps: found.gaps,
          duplicates: found.duplicates,
          reordered: found.reordered,
          rolledBack: found.rolledBack,
        });
      }),
      { numRuns: 500 },
    );
  });
});
