import type { FoldedStack } from '../../model/profile.ts';

/** Joins frames to a key: no name of a function contains it once names are cleaned of it. */
const SEPARATOR = '\u0000';

/** Adds stacks up: each set of frames once, in the order of first appearance. */
export class StackFolder {
  readonly #stacks = new Map<string, FoldedStack>();

  /** @param frames root first; values of 0 and below (deltas can have them) are left out */
  add(frames: readonly string[], value: number, samples?: number): void {
    if (frames.length === 0 || !(value > 0) || !Number.isFinite(value)) return;
    const clean = frames.map(cleanName);
    const key = clean.join(SEPARATOR);
    const stack = this.#stacks.get(key);
    if (!stack) {
      this.#stacks.set(key, { frames: clean, value, ...(samples === undefined ? {} : { samples }) });
      return;
    }
    stack.value += value;
    if (samples !== undefined) stack.samples = (stack.samples ?? 0) + samples;
  }

  get stacks(): FoldedStack[] {
    return [...this.#stacks.values()];
  }
}

function cleanName(name: string): string {
  return name === '' ? '(unknown)' : name.replaceAll(SEPARATOR, ' ');
}

/** Sum of all stacks, in the unit of the profile. */
export function totalOf(stacks: readonly FoldedStack[]): number {
  return stacks.reduce((sum, { value }) => sum + value, 0);
}
