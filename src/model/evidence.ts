import type { Ablation } from './ablation.ts';
import type { Reading } from './cell.ts';
import type { MetricId } from './metrics.ts';
import type { OutcomeRow } from './outcome.ts';
import type { Arm, TrialKind } from './plan.ts';
import type { ProfileEvidence } from './profile.ts';
import type { KernelRecord, ProcessRecord, TargetRecord, TrialRecord } from './run-record.ts';
import type { AnswerCount } from './tool.ts';
import type { WireEvidence, WireTrace } from './wire.ts';

/** The target's own counters over one trial: ground truth. Undefined members were not exported by it. */
export interface TargetCounters {
  /** Those of the harness are left out. */
  connections?: number;
  /** Requests outside /metrics and /healthz. */
  requests?: number;
  streamsCompleted?: number;
  streamsClientClosed?: number;
  streamsReset?: number;
  streamsClosedEarly?: number;
  streamsWriteError?: number;
  streamsStalled?: number;
  events?: number;
  bodyBytes?: number;
  /** First request byte read to handler entry. */
  headerParse?: { count: number; p50Us: number; p99Us: number; meanUs: number };
}

/**
 * What Go's runtime said of itself while the tool ran, by `GODEBUG=schedtrace=N,gctrace=1`. Members of the collector are
 * absent where nobody asked for them or a line of it could not be read.
 */
export interface GoRuntimeCounters {
  /** Lines of the scheduler. */
  looks: number;
  /** GOMAXPROCS as it was in force. */
  procs: number;
  /** Ps without work, mean over the looks. */
  idleProcsMean: number;
  threadsMax: number;
  /** Goroutines that were ready to run and waited for a P, in all queues, at a look. */
  runQueueMean: number;
  runQueueMax: number;
  gcCycles?: number;
  /** Longest stop of the world of a collection. */
  gcPauseMaxUs?: number;
  /** CPU time of the collector, that of idle workers left out. */
  gcCpuS?: number;
  /** Time in which a collection had stopped the world / time observed, 0..1. */
  gcStoppedShare?: number;
}

/** Everything known about one trial, normalized. */
export interface TrialEvidence {
  trialId: string;
  kind: TrialKind;
  round: number;
  /** An interrupted or failed trial is counted only where there is no finished one. */
  state: TrialRecord['state'];
  /** As asked for: the time in which streams were begun. */
  durationMs: number;
  /** The tool runs one stream per connection and is done. */
  oneShot?: true;
  metrics: Record<MetricId, Reading>;
  outcomes: Record<OutcomeRow, Reading>;
  events: Reading;
  caveats: string[];
  process?: ProcessRecord;
  kernel?: KernelRecord;
  target?: TargetRecord;
  leftover?: TrialRecord['leftover'];
  truth?: TargetCounters;
  /** There where the target's environment asked Go's runtime for it. */
  goRuntime?: GoRuntimeCounters;
  wire?: WireEvidence;
  trace?: WireTrace;
  /** Behind a proxy: the same capture, of the target's own port. */
  upstream?: WireEvidence;
  /**
   * Set where the tool counted broken or other responses as good: who says so, the share of them, 0..1, and what the tool
   * does not do, where that is not to look at the ends.
   */
  contradiction?: { by: string; share: number; blindness?: string };
  /** Answers by their heads, where events were asked for and the tool looks. */
  answers?: AnswerCount;
  extra?: Record<string, unknown>;
}

/** What a rule looks at: one arm with its medians and its trials. */
export interface ArmEvidence {
  arm: Arm;
  /** Medians over measured trials. */
  metrics: Record<MetricId, Reading>;
  /** Sums over measured trials: every stream counts, which keeps the intervals of rates tight. */
  outcomes: Record<OutcomeRow, Reading>;
  process: Partial<Record<keyof ProcessRecord, number>>;
  /** From the evidence trial. */
  wire?: WireEvidence;
  trace?: WireTrace;
  upstream?: WireEvidence;
  /** Sums of the counters over measured trials; sockets and settings of the one that saw most. */
  kernel?: KernelRecord;
  /** Sums over measured trials, like the outcomes they are held against. */
  truth?: TargetCounters;
  /** Medians over measured trials: each is a run of a program of its own. */
  goRuntime?: GoRuntimeCounters;
  /** From the profile trial; absent where the scenario asks for none. */
  profile?: ProfileEvidence;
  /** Of an arm that ablates the headers of the request it replays. */
  ablation?: Ablation;
  trials: TrialEvidence[];
}
