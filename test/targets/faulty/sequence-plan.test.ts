import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planIds } from '../../../targets/faulty/sequence-plan.ts';

const NONE = { gap: 0, dup: 0, rollback: 0, reorder: 0 };
const chance = fc.double({ min: 0, max: 1, noNaN: true });

describe('planned ids', () => {
  it('rise from 1 without mishaps', () => {
    expect(planIds(5, NONE, 1)).toEqual([1, 2, 3, 4, 5]);
  });

  it('are as many as asked for, not below 1, and the same for the same seed', () => {
    const plan = fc.record({ gap: chance, dup: chance, rollback: chance, reorder: chance });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), plan, fc.nat(), (count, mishaps, seed) => {
        const ids = planIds(count, mishaps, seed);
        expect(ids).toHaveLength(count);
        expect(Math.min(...ids)).toBeGreaterThanOrEqual(1);
        expect(planIds(count, mishaps, seed)).toEqual(ids);
      }),
    );
  });

  it('differ by their seed', () => {
    const mishaps = { ...NONE, gap: 0.5 };
    expect(planIds(50, mishaps, 1)).not.toEqual(planIds(50, mishaps, 2));
  });

  it('only leave out ids where that is the one mishap, only repeat, only fall back, only change places', () => {
    const rises = (ids: number[]): boolean => ids.every((id, i) => i === 0 || id > ids[i - 1]!);
    const gaps = planIds(200, { ...NONE, gap: 0.3 }, 1);
    expect(rises(gaps)).toBe(true);
    expect(gaps.at(-1)!).toBeGreaterThan(200);

    const doubled = planIds(200, { ...NONE, dup: 0.3 }, 1);
    expect(new Set(doubled).size).toBe(Math.max(...doubled));
    expect(doubled.length).toBeGreaterThan(new Set(doubled).size);

    const back = planIds(200, { ...NONE, rollback: 0.3 }, 1);
    expect(back.some((id, i) => i > 0 && id < back[i - 1]! - 5)).toBe(true);

    const mixed = planIds(200, { ...NONE, reorder: 0.3 }, 1);
    expect(rises(mixed)).toBe(false);
    expect(mixed.toSorted((a, b) => a - b)).toEqual(planIds(200, NONE, 1));
  });
});
