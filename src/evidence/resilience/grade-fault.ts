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

/** By `GRADE_RULE`; null where the signals that it rests on could not be judged. */
export function gradeFault(signals: readonly SignalReaction[], endedAtS: number): Grade | null {
  const judged = new Set(signals.filter(({ verdict }) => verdict !== 'unknown').map(({ signal }) => signal));
  const broken = signals.filter(({ verdict }) => verdict === 'broken');
  if (broken.length === 0) {
    return judged.has('errors') && (judged.has('throughput') || judged.has('gap')) ? 'A' : null;
  }
  const recoveryS = recoveryAfter(signals, endedAtS);
  if (recoveryS === null) return 'F';
  if (recoveryS > LATE_S) return 'D';
  if (recoveryS > SOON_S) return 'C';
  // B or C: whether streams failed decides, and without it nothing does.
  if (!judged.has('errors')) return null;
  return broken.some(({ signal }) => signal === 'errors') ? 'C' : 'B';
}
