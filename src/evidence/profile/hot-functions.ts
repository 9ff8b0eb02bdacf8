import type { FoldedStack, FunctionShare, HotFunctions, StackKind } from '../../model/profile.ts';
import { totalOf } from './fold-stacks.ts';

/** Functions kept of each order: the rest is in the flame graph. */
const MOST_FUNCTIONS = 10;

/** The functions that most of a profile went into, by themselves and with what they call; undefined where it is empty. */
export function findHotFunctions(kind: StackKind, stacks: readonly FoldedStack[]): HotFunctions | undefined {
  const total = totalOf(stacks);
  if (total <= 0) return undefined;
  const self = new Map<string, number>();
  const cumulative = new Map<string, number>();
  for (const { frames, value } of stacks) {
    const leaf = frames.at(-1)!;
    self.set(leaf, (self.get(leaf) ?? 0) + value);
    for (const name of new Set(frames)) cumulative.set(name, (cumulative.get(name) ?? 0) + value);
  }
  const functions = [...cumulative].map(
    ([name, value]): FunctionShare => ({
      name,
      self: (self.get(name) ?? 0) / total,
      cumulative: value / total,
    }),
  );
  const top = (by: 'self' | 'cumulative'): FunctionShare[] =>
    functions
      .filter((item) => item[by] > 0)
      .sort((a, b) => b[by] - a[by] || b.cumulative - a.cumulative || (a.name < b.name ? -1 : 1))
      .slice(0, MOST_FUNCTIONS);
  return {
    kind,
    ...(kind === 'goroutine' ? { total, unit: 'count' } : { total: total / 1e9, unit: 's' }),
    bySelf: top('self'),
    byCumulative: top('cumulative'),
  };
}
