import { SeededRandom } from '../../stats/seeded-random.ts';

export interface ConnectionRamp {
  connections: number;
  /** Time over which they open; 0 opens all at once. */
  rampMs: number;
  /**
   * How far a connection may open after its turn, in parts of the time between two turns, 0..1. Without it a server
   * that does something periodic may be met in step. @default 0
   */
  jitter?: number;
  /** Of the jitter. @default 1 */
  seed?: number;
}

/**
 * When each connection may open, in ms since the start, in rising order. The first opens at once and the last one turn
 * before the ramp is over: N connections in N equal turns, so that ramp and rate agree (100 over 10 s are 10 per s).
 *
 * @throws RangeError when a value is out of range
 */
export function planConnectionStarts({
  connections,
  rampMs,
  jitter = 0,
  seed = 1,
}: ConnectionRamp): Float64Array {
  if (!Number.isSafeInteger(connections) || connections < 0) {
    throw new RangeError(`not a number of connections: ${connections}`);
  }
  if (!(rampMs >= 0 && rampMs < Number.POSITIVE_INFINITY)) throw new RangeError(`not a ramp: ${rampMs} ms`);
  if (!(jitter >= 0 && jitter <= 1)) throw new RangeError(`jitter is a part of a turn, 0..1, not ${jitter}`);
  const startsMs = new Float64Array(connections);
  const random = new SeededRandom(seed);
  for (let slot = 0; slot < connections; slot++) {
    const late = jitter === 0 ? 0 : jitter * random.next();
    startsMs[slot] = ((slot + late) * rampMs) / connections;
  }
  return startsMs;
}
