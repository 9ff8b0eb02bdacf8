import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LastEventId } from '../../src/tester/last-event-id.ts';

type Step = { id: string } | 'settle' | 'drop' | 'reset';

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ id: fc.string({ unit: 'binary', maxLength: 100 }) }),
  fc.constantFrom('settle', 'drop', 'reset'),
);

describe('the last event id', () => {
  it('is that of the last id field before the last blank line, whatever came when', () => {
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const lastId = new LastEventId();
        let pending: string | undefined;
        let settled = '';
        for (const next of steps) {
          if (next === 'settle') {
            lastId.settle();
            settled = pending ?? settled;
            pending = undefined;
          } else if (next === 'drop') {
            lastId.dropPending();
            pending = undefined;
          } else if (next === 'reset') {
            lastId.reset();
            pending = undefined;
            settled = '';
          } else {
            const bytes = Buffer.from(`<${next.id}>`);
            lastId.set(bytes, 1, bytes.length - 1);
            pending = Buffer.from(next.id).toString('latin1');
          }
          expect(lastId.toString()).toBe(settled);
        }
      }),
    );
  });

  it('is none where it is longer than any server takes', () => {
    const lastId = new LastEventId();
    const text = Buffer.from('x'.repeat(8193));
    lastId.set(text, 0, 8192);
    lastId.settle();
    expect(lastId.toString()).toHaveLength(8192);
    lastId.set(text, 0, 8193);
    lastId.settle();
    expect(lastId.toString()).toBe('');
  });
});
