import { createRandom, pickWhole } from '../shared/random.ts';

/** How likely each mishap is at each event, 0..1; the first that applies is taken, in this order. */
export interface Mishaps {
  gap: number;
  dup: number;
  rollback: number;
  reorder: number;
}

const LONGEST_GAP = 3;
const FURTHEST_BACK = 5;
const LATEST = 5;

/**
 * `count` ids that rise from 1 but for the mishaps. `gap` leaves out one to three ids, `dup` says one of the last five
 * again, `rollback` one from further back, `reorder` says an id up to five events later. What each of them amounts to
 * in the end depends on the others around it, and is for the ledger to say.
 */
export function planIds(count: number, mishaps: Mishaps, seed: number): number[] {
  const random = createRandom(seed);
  const ids = [1];
  const held: { id: number; dueAt: number }[] = [];
  let next = 2;
  while (ids.length < count) {
    // What was held back comes in any case.
    const due = held.findIndex(({ dueAt }) => dueAt <= ids.length || held.length >= count - ids.length);
    if (due >= 0) {
      ids.push(held.splice(due, 1)[0]!.id);
      continue;
    }
    const mishap = pickMishap(mishaps, random());
    if (mishap === 'gap') next += pickWhole(random, 1, LONGEST_GAP);
    if (mishap === 'dup' && next > FURTHEST_BACK) {
      ids.push(next - pickWhole(random, 1, FURTHEST_BACK));
      continue;
    }
    if (mishap === 'rollback' && next > 2 * FURTHEST_BACK) {
      ids.push(pickWhole(random, 1, next - 2 * FURTHEST_BACK));
      continue;
    }
    if (mishap === 'reorder' && held.length + 1 < count - ids.length) {
      held.push({ id: next++, dueAt: ids.length + pickWhole(random, 1, LATEST) });
    }
    ids.push(next++);
  }
  return ids;
}

function pickMishap(mishaps: Mishaps, roll: number): keyof Mishaps | undefined {
  let below = 0;
  for (const name of ['gap', 'dup', 'rollback', 'reorder'] as const) {
    below += mishaps[name];
    if (roll < below) return name;
  }
  return undefined;
}
