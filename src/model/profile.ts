import type { Reading } from './cell.ts';

/** What a profile trial may collect; `trace` is Go's execution trace. */
export const PROFILE_KINDS = ['cpu', 'block', 'mutex', 'goroutine', 'trace'] as const;
export type ProfileKind = (typeof PROFILE_KINDS)[number];

/** Kinds that consist of stacks; a trace is stored and not read. */
export type StackKind = Exclude<ProfileKind, 'trace'>;

/** How the target hands out its profiles. */
export type ProfileAccess =
  /** Path, or loopback URL of a listener of its own, below which Go's net/http/pprof answers. */
  | { pprof: string }
  /** An agent loaded through NODE_OPTIONS uses Node's inspector; CPU only. */
  | { inspector: true };

/** What to collect within one profile trial, and when. */
export interface ProfilePlan {
  kinds: ProfileKind[];
  /** From the start of the tool to the first profile: connections are open by then. */
  settleMs: number;
  /** Whole seconds, because pprof takes nothing else. */
  windowMs: number;
  /** After the window, as tracing would falsify the others; 0 where no trace was asked for. */
  traceMs: number;
}

/** What became of the profiles of one trial; stored in its record. */
export interface ProfileRecord {
  source: 'pprof' | 'inspector';
  items: ProfileItem[];
}

export type ProfileItem =
  | { kind: ProfileKind; state: 'failed'; reason: string }
  | {
      kind: ProfileKind;
      state: 'done';
      /** Base names in the trial's folder; of several Node threads the busiest comes first. */
      files: string[];
      /** Since the start of the tool. */
      startedMs: number;
      /** 0 for a snapshot. */
      windowMs: number;
    };

export interface FoldedStack {
  /** Root first; not empty. */
  frames: readonly string[];
  /** In the unit of the profile, above 0. */
  value: number;
  /** Samples it rests on, where the source counts them. */
  samples?: number;
}

/** A profile as stacks, each at most once. */
export interface FoldedProfile {
  unit: 'ns' | 'count';
  stacks: FoldedStack[];
  /** Time the profile covers by its own account; absent for a snapshot. */
  durationS?: number;
}

/**
 * What CPU time went into. Each stack is in exactly one, so the shares add up to 1. Their texts stand in
 * `PROFILE_DEFINITIONS`, how a stack gets its category in src/evidence/profile.
 */
export const CPU_CATEGORIES = [
  'header_parse',
  'json',
  'syscall_read',
  'syscall_write',
  'write_flush',
  'connection',
  'gc',
  'malloc',
  'scheduler',
  'lock',
  'handler',
  'native',
  'profiler',
  'other',
] as const;
export type CpuCategory = (typeof CPU_CATEGORIES)[number];

/** Steps of serving one request in Go's net/http, everything they call included. */
export const CPU_PHASES = ['read_request', 'handler', 'finish_request'] as const;
export type CpuPhase = (typeof CPU_PHASES)[number];

export const GOROUTINE_STATES = ['network', 'sleep', 'select', 'channel', 'lock', 'other'] as const;
export type GoroutineState = (typeof GOROUTINE_STATES)[number];

/** Published ids of an arm's profile. */
export type ProfileFigureId =
  | `${CpuCategory}_share`
  | `${CpuPhase}_phase_share`
  | 'allocation_share'
  | 'cpu_cores'
  | 'cpu_samples'
  | 'block_lock_ratio'
  | 'block_condition_ratio'
  | 'block_channel_ratio'
  | 'mutex_ratio'
  | 'runtime_lock_ratio'
  | 'goroutines'
  | `goroutines_${GoroutineState}`
  | 'observer_ratio';

/** One function; shares of the whole profile, 0..1. */
export interface FunctionShare {
  name: string;
  /** Spent in the function itself. */
  self: number;
  /** With everything it calls; recursion counts once. */
  cumulative: number;
}

/** The functions that most of a profile went into. */
export interface HotFunctions {
  kind: StackKind;
  /** CPU time, waiting time, or number of goroutines in the profile. */
  total: number;
  unit: 's' | 'count';
  bySelf: FunctionShare[];
  byCumulative: FunctionShare[];
}

/** What the profile trial of one arm says. */
export interface ProfileEvidence {
  trialId: string;
  source: ProfileRecord['source'];
  figures: Record<ProfileFigureId, Reading>;
  hot: HotFunctions[];
  items: ProfileItem[];
}

/** What is published of a profile beside its cells. */
export interface ProfileDetail {
  trial: string;
  source: ProfileRecord['source'];
  /** `file` is relative to the run folder, like `flameGraph`; null where there is none, `reason` says why. */
  files: { kind: ProfileKind; file: string | null; flameGraph: string | null; reason: string | null }[];
  hot: HotFunctions[];
}
