/**
 * The candidate that `name` was most likely meant to be, or undefined when none is near: one slip in a short
 * word, two in a longer one, three from nine letters on. Upper and lower case count as equal.
 */
export function closestName(name: string, candidates: Iterable<string>): string | undefined {
  const slipsAllowed = name.length < 4 ? 1 : name.length < 9 ? 2 : 3;
  let best: { candidate: string; slips: number } | undefined;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > slipsAllowed) continue;
    const slips = countSlips(name.toLowerCase(), candidate.toLowerCase());
    // A word of which every letter is wrong is another word.
    if (slips > slipsAllowed || slips >= candidate.length) continue;
    if (!best || slips < best.slips) best = { candidate, slips };
  }
  return best?.candidate;
}

/** ` did you mean "x"?` behind a semicolon, or nothing. */
export function suggestName(name: string, candidates: Iterable<string>): string {
  const closest = closestName(name, candidates);
  return closest === undefined ? '' : `; did you mean "${closest}"?`;
}

/** Optimal string alignment distance: letters added, dropped, replaced, or swapped with their neighbour. */
function countSlips(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = last[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      let least = Math.min(replaced, last[column]! + 1, current[column - 1]! + 1);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        least = Math.min(least, beforeLast[column - 2]! + 1);
      }
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}
