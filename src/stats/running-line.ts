/** Straight line through readings that arrive in order of time, kept as sums: it costs no memory however long it runs. */
export class RunningLine {
  #count = 0;
  #meanX = 0;
  #meanY = 0;
  #varianceX = 0;
  #varianceY = 0;
  #covariance = 0;

  /** By Welford's update, which stays exact where sums of squares of large numbers would not. */
  add(x: number, y: number): void {
    this.#count++;
    const fromX = x - this.#meanX;
    const fromY = y - this.#meanY;
    this.#meanX += fromX / this.#count;
    this.#meanY += fromY / this.#count;
    this.#varianceX += fromX * (x - this.#meanX);
    this.#varianceY += fromY * (y - this.#meanY);
    this.#covariance += fromX * (y - this.#meanY);
  }

  get count(): number {
    return this.#count;
  }

  /** Least squares: change of y per unit of x; undefined where x never changed. */
  get slope(): number | undefined {
    return this.#varianceX > 0 ? this.#covariance / this.#varianceX : undefined;
  }

  /** Share of the variation of y that the line explains, 0..1; undefined where x or y never changed. */
  get fit(): number | undefined {
    const product = this.#varianceX * this.#varianceY;
    return product > 0 ? Math.min(1, this.#covariance ** 2 / product) : undefined;
  }
}
