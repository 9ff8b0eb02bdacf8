import { readProfileFigure } from '../evidence/profile/read-profile-figure.ts';
import { readingValue } from '../model/cell.ts';
import type { ArmEvidence } from '../model/evidence.ts';
import type { Verdict } from '../model/finding.ts';
import type { ProfileFigureId } from '../model/profile.ts';
import { formatPercent } from '../stats/format-figure.ts';
import { areApart, contestCpu, cpuDoubts, foreignCpu, idleOf, judgeCpu } from './cpu-load.ts';
import { judgeSingleThread } from './server-single-threaded.ts';

/** Findings that say that the target has no CPU left, and not what for. */
export const NO_CPU_LEFT = ['server-cpu-saturated', 'server-single-threaded', 'host-saturated'] as const;

/**
 * Busy share of the target's CPUs from which what it uses them for begins to matter, and from which they are used up. Unit:
 * ratio 0..1. Reason: on a machine that tool and target share, servers at full speed left up to 0.13 idle, waiting for each
 * other. Doubt: as for every average, short full bursts hide in it.
 */
const BUSY = { from: 0.8, to: 0.9 };

/** How far the CPU of the target limits a row. */
interface TargetCpuLimit {
  /** 0 where it has CPU to spare; its part of the CPUs' use where it shares them with the tool. Ratio 0..1. */
  part: number;
  because: string[];
}

/** Undefined where the target's CPU was not observed. A profile says what CPU is used for, and only this whether it matters. */
function limitOfTargetCpu(evidence: ArmEvidence): TargetCpuLimit | undefined {
  const load = judgeCpu(evidence, 'target');
  if (load.saturated === undefined) return undefined;
  const single = judgeSingleThread(evidence);
  if (single?.holds)
    return { part: 1, because: ['one thread is full while other CPUs idle', ...single.because] };
  if (load.saturated) {
    const contest = contestCpu(evidence, 'target');
    if (contest?.yields) return { part: 0, because: [contest.text] };
    return { part: contest?.part ?? 1, because: load.because };
  }
  const idle = idleOf(evidence, 'target');
  const scarce = idle === undefined ? 0 : confidenceOf(1 - idle, BUSY);
  if (scarce === 0 || foreignCpu(evidence.process) !== undefined) return { part: 0, because: load.because };
  const { toolCpuS = 0, targetCpuS = 0, targetCpuShare = 0 } = evidence.process;
  const idleText = `the CPUs that it may use had ${formatPercent(idle ?? 0)} idle time`;
  if (areApart(evidence)) {
    return {
      part: scarce * Math.min(1, targetCpuShare / (1 - (idle ?? 0))),
      because: [...load.because, idleText],
    };
  }
  if (toolCpuS + targetCpuS <= 0) return { part: 0, because: load.because };
  const part = targetCpuS / (toolCpuS + targetCpuS);
  return {
    part: scarce * part,
    because: [idleText, `the target used ${formatPercent(part)} of what tool and target used together`],
  };
}

/** How sure a share makes: 0 at `from` and below, 1 at `to` and above. In between nothing jumps. */
export function confidenceOf(share: number, { from, to }: { from: number; to: number }): number {
  return Math.min(1, Math.max(0, (share - from) / (to - from)));
}

/** What a rule that names a consumer of the target's CPU has to say. */
export interface CpuCause {
  /** Share of the CPU time that the target used, 0..1; undefined where no profile tells. */
  share: number | undefined;
  /** Of the share: nothing is claimed up to `from`, all is from `to` on. */
  range: { from: number; to: number };
  missing: string;
  shareText: string;
  /** A sentence with the share in it. */
  sentence: string;
  because?: string[];
  against?: string[];
  /** Findings beside those of a target without CPU that this gives the reason for. */
  explains?: readonly string[];
}

/** The verdict that one consumer takes so much of the target's CPU that the row is limited by it. */
export function judgeCpuCause(evidence: ArmEvidence, cause: CpuCause): Verdict {
  const { share, range } = cause;
  if (share === undefined) return { outcome: 'insufficient-data', missing: [cause.missing] };
  const confidence = confidenceOf(share, range);
  if (confidence === 0) return { outcome: 'clear', because: [cause.shareText] };
  const limit = limitOfTargetCpu(evidence);
  if (limit === undefined) return { outcome: 'insufficient-data', missing: ['CPU time of the target'] };
  if (limit.part === 0) {
    return { outcome: 'clear', because: ['the target has CPU to spare', ...limit.because, cause.shareText] };
  }
  return {
    outcome: 'found',
    class: 'cpu-share',
    weight: Math.max(Number.EPSILON, Math.min(1, share * limit.part)),
    sentence: cause.sentence,
    because: [cause.shareText, ...(cause.because ?? []), ...limit.because],
    against: [
      ...(confidence < 1
        ? [
            `that is proof of ${formatPercent(confidence)}: from ${formatPercent(range.to)} on it would be full`,
          ]
        : []),
      ...(cause.against ?? []),
      ...describeObserver(evidence),
      ...cpuDoubts(evidence.process),
    ],
    explains: { codes: [...NO_CPU_LEFT, ...(cause.explains ?? [])], confidence },
  };
}

/** A share of the profile as a number; undefined where there is none. */
export function profileShare(evidence: ArmEvidence, id: ProfileFigureId): number | undefined {
  return readingValue(readProfileFigure(evidence, id));
}

/** Why a figure of the profile is not there, as something that is missing. */
export function missingFigure(evidence: ArmEvidence, id: ProfileFigureId, what: string): string {
  const reading = readProfileFigure(evidence, id);
  return reading.known ? what : `${what} (${reading.detail})`;
}

/** Said where the profile slowed the target down, or where the load was another. */
export function describeObserver(evidence: ArmEvidence): string[] {
  const ratio = readingValue(readProfileFigure(evidence, 'observer_ratio'));
  if (ratio === undefined || (ratio > 0.8 && ratio < 1.25)) return [];
  return [`the profile trial ran at ${formatPercent(ratio)} of the rate of the measured ones`];
}
