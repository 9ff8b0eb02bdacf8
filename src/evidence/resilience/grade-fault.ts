import type { Grade, SignalReaction } from '../../model/resilience.ts';

/** Up to here a client that tries again after a second has noticed nothing. Unit: s. */
const SOON_S = 1;
/** The usual timeout of a request: whoever waits longer has given up. Unit: s. */
const LATE_S = 5;

/** How long the last signal took after the end of the fault; null where none broke or one did not recover. */
export function recoveryAfter(signals: readonly SignalReaction[], endedAtS: number): number | null {
  const broken = signals.filter(({ verdict }) => verdict === 'broken');
  if (broken.length === 0 || broken.some(({ recoveredAtS }) => recoveredAtS === null)) return null;
  return Math.max(0, ...broken.map(({ recoveredAtS }) => recoveredAtS! - endedAtS));
}

/** By `GRADE_RULE`; null where no signal could be judged. */
export function gradeFault(signals: readonly SignalReaction[], endedAtS: number): Grade | null {
  if (signals.every(({ verdict }) => verdict === 'unknown')) return null;
  const broken = signals.filter(({ verdict }) => verdict === 'broken');
  if (broken.length === 0) return 'A';
  const recoveryS = recoveryAfter(signals, endedAtS);
  if (recoveryS === null) return 'F';
  if (recoveryS > LATE_S) return 'D';
  const failed = broken.some(({ signal }) => signal === 'errors');
  return recoveryS <= SOON_S && !failed ? 'B' : 'C';
}
