/** Four digits: an error below 0.05 %, far less than a line of a chart is wide, in some 9000 cells per decade. */
const DIGITS = 4;

/** Merges latency distributions of any number of samples in bounded memory. Whole microseconds. */
export class LatencyTally {
  readonly #counts = new Map<number, number>();
  #samples = 0;
  #max = 0;

  get samples(): number {
    return this.#samples;
  }

  add(valueUs: number, count: number): void {
    const cell = valueUs < 10 ** DIGITS ? Math.round(valueUs) : Number(valueUs.toPrecision(DIGITS));
    this.#counts.set(cell, (this.#counts.get(cell) ?? 0) + count);
    this.#samples += count;
    if (valueUs > this.#max) this.#max = valueUs;
  }

  /**
   * Values by nearest rank at the given shares of samples, which must rise. Within 0.05 %, none above the maximum.
   *
   * @returns empty without samples
   */
  valuesAt(shares: readonly number[]): number[] {
    const cells = [...this.#counts].sort(([a], [b]) => a - b);
    const values: number[] = [];
    let at = 0;
    let seen = 0;
    for (const share of shares) {
      const rank = Math.min(this.#samples, Math.max(1, Math.ceil(share * this.#samples)));
      while (at < cells.length && seen + cells[at]![1] < rank) seen += cells[at++]![1];
      if (at < cells.length) values.push(Math.min(cells[at]![0], this.#max));
    }
    return values;
  }

  /** The exact maximum; undefined without samples. */
  max(): number | undefined {
    return this.#samples === 0 ? undefined : this.#max;
  }
}
