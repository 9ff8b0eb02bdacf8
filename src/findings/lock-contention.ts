import { readProfileFigure } from '../evidence/profile/read-profile-figure.ts';
import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Rule } from '../model/finding.ts';
import { formatPercent } from '../stats/format-figure.ts';
import { cpuDoubts } from './cpu-load.ts';
import { confidenceOf, describeObserver } from './target-cpu-cause.ts';

/**
 * Share of the time of all connections in which their handlers waited for a lock. Unit: ratio 0..1. Reason: one lock around
 * every write kept 31 of 32 handlers waiting; healthy servers were below 0.02. Doubt: a server whose many goroutines per
 * connection wait for each other is counted several times.
 */
const WAITING = { from: 0.15, to: 0.5 };

/** Seconds / second that holders kept others waiting. Reason: a lock that somebody always waits for makes 1. Doubt: it is sampled, and since Go 1.22 every waiter counts. */
const HELD = { from: 0.2, to: 0.6 };

/** How much requests queue for a lock of the target's, by its own block and mutex profiles. */
export interface LockWaits {
  /** Share of connection time that passes in queues for locks, 0..1; undefined without a block profile. */
  share: number | undefined;
  /** 0..1; 0 is a clear no. */
  confidence: number;
  because: string[];
}

/** Undefined without a block or mutex profile that holds anything. */
export function judgeLocks(evidence: ArmEvidence): LockWaits | undefined {
  const blocked = readingValue(readProfileFigure(evidence, 'block_lock_ratio'));
  const held = readingValue(readProfileFigure(evidence, 'mutex_ratio'));
  if (blocked === undefined && held === undefined) return undefined;
  const { connections } = evidence.arm;
  const share = blocked === undefined ? undefined : Math.min(1, blocked / connections);
  const sure = [
    ...(share === undefined ? [] : [confidenceOf(share, WAITING)]),
    ...(held === undefined ? [] : [confidenceOf(held, HELD)]),
  ];
  return {
    share,
    // Two witnesses of one thing: waiters without a holder, or the other way round, prove little.
    confidence: Math.min(...sure),
    because: [
      ...(blocked === undefined
        ? []
        : [
            `${blocked.toFixed(1)} handlers waited for a lock at any time, of ${connections} connections (block profile)`,
          ]),
      ...(held === undefined
        ? []
        : [
            `holders of the program's locks kept others waiting ${held.toFixed(2)} s per second, from Go 1.22 on for each that waited (mutex profile)`,
          ]),
    ],
  };
}

/** Requests queue for a lock of the target's. */
export const lockContention: Rule = {
  code: 'lock-contention',
  needs: ['a block or mutex profile of a Go target (observe.profile: [block, mutex])'],
  evaluate(evidence) {
    const locks = judgeLocks(evidence);
    if (locks === undefined) {
      const reading = readProfileFigure(evidence, 'block_lock_ratio');
      const why = reading.known ? '' : ` (${reading.detail})`;
      return { outcome: 'insufficient-data', missing: [`a block or mutex profile of the target${why}`] };
    }
    if (locks.confidence === 0) return { outcome: 'clear', because: locks.because };
    const { process } = evidence;
    return {
      outcome: 'found',
      class: 'wait',
      weight: Math.max(Number.EPSILON, (locks.share ?? WAITING.from) * locks.confidence),
      sentence:
        locks.share === undefined
          ? 'Requests queue for a lock of the server; how much of their time passes in that queue takes a block profile.'
          : `Requests queue for a lock of the server: ${formatPercent(locks.share)} of connection time passes in that queue.`,
      because: [...locks.because, ...describeFunctions(evidence), ...describeIdle(evidence)],
      against: [
        ...(locks.confidence < 1
          ? [`that is proof of ${formatPercent(locks.confidence)}: other waits may weigh as much`]
          : []),
        ...describeObserver(evidence),
        ...cpuDoubts(process),
      ],
      explains: {
        codes: ['slow-handler', 'stream-paced'],
        confidence: locks.confidence,
      },
    };
  },
};

/** Functions of the program's own that most of the waits are below. */
function describeFunctions({ profile }: ArmEvidence): string[] {
  const hot =
    profile?.hot.find(({ kind }) => kind === 'mutex') ?? profile?.hot.find(({ kind }) => kind === 'block');
  const names = (hot?.byCumulative ?? [])
    .filter(({ name, cumulative }) => name.startsWith('main.') && cumulative > 0.5)
    .map(({ name }) => name);
  return names.length === 0 ? [] : [`below ${names.slice(0, 4).join(', ')}`];
}

function describeIdle({ process }: ArmEvidence): string[] {
  const { idle } = process;
  return idle === undefined ? [] : [`the machine had ${formatPercent(idle)} of its CPU time left`];
}
