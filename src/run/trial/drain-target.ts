import { waitForDrain } from '../../target/drain.ts';
import type { Place } from './trial-context.ts';

/** Sockets of a tool that has ended must be gone before the next counter is read. */
const DRAIN_WITHIN_MS = 3000;

/** Wait until no connection to the target is left, as `waitForDrain` does. */
export function drainTarget({ space, target }: Place): ReturnType<typeof waitForDrain> {
  return waitForDrain(space, target.port, DRAIN_WITHIN_MS);
}
