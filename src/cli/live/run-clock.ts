import type { Plan, Trial } from '../../model/plan.ts';

/**
 * What launching, probing, draining and stopping take beside the load. Reason: the bundled targets on an idle machine
 * take 0.5 to 2 s. Doubt: a JVM takes ten times as long; after the first trial its own time counts.
 */
const USUAL_OVERHEAD_MS = 1500;
/** Exchanges before an evidence trial. */
const PROBE_OVERHEAD_MS = 1300;

/** How long the rest of a plan takes, learned from the trials that have ended. */
export class RunClock {
  private readonly plan: Plan;
  private readonly overheadsMs = new Map<Trial['kind'], number[]>();

  constructor(plan: Plan) {
    this.plan = plan;
  }

  /** Note how long a trial took from its launch to its end. Skipped ones say nothing. */
  learn(trial: Trial, tookMs: number): void {
    const known = this.overheadsMs.get(trial.kind) ?? [];
    this.overheadsMs.set(trial.kind, [...known, Math.max(0, tookMs - trial.durationMs)]);
  }

  /** Expected time of one trial from its launch to its end. */
  expectMs(trial: Trial): number {
    return trial.durationMs + this.expectOverheadMs(trial.kind);
  }

  /** Expected time of the trials from a position on, of which the first has run for a while. */
  expectRestMs(from: number, sinceLaunchMs: number): number {
    const [first, ...rest] = this.plan.trials.slice(from);
    if (!first) return 0;
    const begun = Math.max(0, this.expectMs(first) - sinceLaunchMs);
    return rest.reduce((sum, trial) => sum + this.expectMs(trial), begun);
  }

  private expectOverheadMs(kind: Trial['kind']): number {
    const known = this.overheadsMs.get(kind);
    if (known && known.length > 0) return known.reduce((sum, ms) => sum + ms, 0) / known.length;
    return this.plan.warmupMs + USUAL_OVERHEAD_MS + (kind === 'evidence' ? PROBE_OVERHEAD_MS : 0);
  }
}
