const MOST_CAUSE = 255;

/**
 * Walks lifetimes in order of age, ties together. One sorted typed array per cause and a merge over them: sorting
 * pairs would need a comparison function, which is ten times slower than the native sort of numbers.
 *
 * @throws RangeError when lengths differ or a value is out of range
 */
export function mergeByCause(lifetimesMs: ArrayLike<number>, ended: ArrayLike<number>): MergedLifetimes {
  if (lifetimesMs.length !== ended.length) {
    throw new RangeError(`${lifetimesMs.length} lifetimes but ${ended.length} ends`);
  }
  const sizes = new Float64Array(MOST_CAUSE + 1);
  for (let i = 0; i < ended.length; i++) {
    const cause = ended[i]!;
    const lifetimeMs = lifetimesMs[i]!;
    if (!Number.isInteger(cause) || cause < 0 || cause > MOST_CAUSE) {
      throw new RangeError(`not a cause of death (0..${MOST_CAUSE}): ${cause}`);
    }
    if (!(lifetimeMs >= 0 && lifetimeMs < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`not a lifetime in ms: ${lifetimeMs}`);
    }
    sizes[cause]!++;
  }
  const columns: Float64Array[] = [];
  for (const size of sizes) columns.push(new Float64Array(size));
  const fill = new Float64Array(sizes.length);
  for (let i = 0; i < ended.length; i++) {
    const cause = ended[i]!;
    columns[cause]![fill[cause]!++] = lifetimesMs[i]!;
  }
  for (const column of columns) column.sort();
  return new MergedLifetimes(columns);
}

/** A cursor over lifetimes; its fields hold what is at the current age. */
class MergedLifetimes {
  /** Causes that occur, by number; without 0, which is censoring. */
  readonly causes: readonly number[];
  /** Deaths at all ages. */
  readonly allDeaths: number;
  /** Current age; 0 before the first. */
  atMs = 0;
  /** Deaths at this age, of any cause. */
  deaths = 0;
  /** Lifetimes censored at this age. */
  censored = 0;
  private readonly columns: readonly Float64Array[];
  private readonly cursors: Float64Array;
  private readonly here: Float64Array;

  constructor(columns: readonly Float64Array[]) {
    this.columns = columns;
    this.cursors = new Float64Array(columns.length);
    this.here = new Float64Array(columns.length);
    this.causes = [...columns.keys()].filter((cause) => cause > 0 && columns[cause]!.length > 0);
    this.allDeaths = this.causes.reduce((sum, cause) => sum + this.allDeathsOf(cause), 0);
  }

  allDeathsOf(cause: number): number {
    return this.columns[cause]!.length;
  }

  /** Move to the next distinct age; false, and nothing moves, when there is none. */
  next(): boolean {
    let atMs = this.peek(0);
    for (const cause of this.causes) atMs = Math.min(atMs, this.peek(cause));
    if (atMs === Number.POSITIVE_INFINITY) return false;
    this.atMs = atMs;
    this.censored = this.take(0);
    this.deaths = 0;
    for (const cause of this.causes) this.deaths += this.take(cause);
    return true;
  }

  /** Deaths of one cause at this age. */
  deathsOf(cause: number): number {
    return this.here[cause]!;
  }

  private peek(cause: number): number {
    const column = this.columns[cause]!;
    const cursor = this.cursors[cause]!;
    return cursor < column.length ? column[cursor]! : Number.POSITIVE_INFINITY;
  }

  private take(cause: number): number {
    const column = this.columns[cause]!;
    const from = this.cursors[cause]!;
    let cursor = from;
    while (cursor < column.length && column[cursor]! === this.atMs) cursor++;
    this.cursors[cause] = cursor;
    this.here[cause] = cursor - from;
    return cursor - from;
  }
}
