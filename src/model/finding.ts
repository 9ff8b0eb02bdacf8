import type { ArmEvidence } from './evidence.ts';
import type { Arm } from './plan.ts';
import type { Resilience } from './resilience.ts';
import type { ToolProbe } from './tool.ts';

/** A rule's verdict over one arm. `because` and `against` are sentences with figures, most telling first. */
export type Verdict =
  | {
      outcome: 'found';
      /**
       * hard-event outranks wait outranks cpu-share; within a class `weight` decides. A rare-event is proven and limits
       * nothing: it never takes the first rank.
       */
      class: 'hard-event' | 'wait' | 'cpu-share' | 'rare-event';
      /** Share of time, streams or loss this explains, 0..1. */
      weight: number;
      /** One sentence for a person, naming figures. */
      sentence: string;
      because: string[];
      against: string[];
      /** Findings that this one gives the reason for, where they are found as well, and how sure that is, 0..1. */
      explains?: { codes: readonly string[]; confidence: number };
    }
  | { outcome: 'clear'; because: string[] }
  | { outcome: 'insufficient-data'; missing: string[] };

/** One bottleneck hypothesis. Pure. */
export interface Rule {
  /** Public code, e.g. `stream-paced`. */
  code: string;
  /** What it must have to judge at all, in words. */
  needs: string[];
  evaluate(evidence: ArmEvidence): Verdict;
}

/** A verdict in its published, ranked form. */
export interface Finding {
  code: string;
  outcome: 'found' | 'unproven';
  /** 1 is the bottleneck named in the table. */
  rank: number;
  sentence: string;
  because: string[];
  against: string[];
}

/** One arm of a run with what was found out about it. */
export interface JudgedArm {
  arm: Arm;
  /** Undefined when no trial of the arm was executed. */
  evidence: ArmEvidence | undefined;
  findings: Finding[];
  probe: ToolProbe | undefined;
  /** One entry per measured trial with a timeline of faults; absent without. */
  resilience?: Resilience[];
}
