import type { Pair, Side } from './model.ts';

/**
 * Which side goes first in each of `count` pairs: in turn, so that whatever the second run of a pair has to bear
 * (a warm target, a drift of the machine) falls on both sides alike.
 */
export function planPairs(count: number): Side[] {
  return Array.from({ length: count }, (_, index) => (index % 2 === 0 ? 'ours' : 'peer'));
}

/** Run both sides `count` times as planned, strictly one after the other. */
export async function runPairs<T>(count: number, run: (side: Side) => Promise<T>): Promise<Pair<T>[]> {
  const pairs: Pair<T>[] = [];
  for (const first of planPairs(count)) {
    const earlier = await run(first);
    const later = await run(first === 'ours' ? 'peer' : 'ours');
    pairs.push(
      first === 'ours' ? { first, ours: earlier, peer: later } : { first, ours: later, peer: earlier },
    );
  }
  return pairs;
}
