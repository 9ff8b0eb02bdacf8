/** Index in the state behind the four words of the generator: its last number. */
const OUTPUT = 4;

/**
 * Random numbers that are the same for the same seed on every machine: sfc32 (PractRand's small fast chaotic
 * generator, period at least 2^32, 2^127 on average). Not for secrets.
 *
 * The state is a typed array, because plain fields beyond 31 bits would be allocated anew at every step.
 */
export class SeededRandom {
  private readonly state: Uint32Array;

  /** @param seed any whole number; its lower 32 bits count */
  constructor(seed: number) {
    this.state = Uint32Array.of(0, 0, seed, 1, 0);
    // As many rounds as PractRand spends on mixing the seed in.
    for (let round = 0; round < 15; round++) this.step();
  }

  /** 0 or more and below 1, with 53 bits. */
  next(): number {
    this.step();
    const high = this.state[OUTPUT]! >>> 5;
    this.step();
    return (high * 67_108_864 + (this.state[OUTPUT]! >>> 6)) / 9_007_199_254_740_992;
  }

  /** Exponential with mean 1: the time between two arrivals of a Poisson process of rate 1. */
  nextExponential(): number {
    return -Math.log1p(-this.next());
  }

  private step(): void {
    const state = this.state;
    const sum = state[0]! + state[1]! + state[3]!++;
    state[0] = state[1]! ^ (state[1]! >>> 9);
    state[1] = state[2]! + (state[2]! << 3);
    state[2] = ((state[2]! << 21) | (state[2]! >>> 11)) + sum;
    state[OUTPUT] = sum;
  }
}
