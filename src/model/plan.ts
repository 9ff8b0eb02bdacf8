/** What will be executed: arms x rounds = trials, with every fairness decision already taken. */

import type { AblationPlan } from './ablation.ts';
import type { ClaimSpec, ProbeSpec } from './claim.ts';
import type { TimedFault } from './fault.ts';
import type { GateSpec, SloSpec } from './gate.ts';
import type { ProfileAccess, ProfilePlan } from './profile.ts';

export interface RequestSpec {
  method: string;
  /** Path and query, starting with `/`. */
  path: string;
  /** As the user wrote them, order kept. `Host` is added by each tool. */
  headers: Record<string, string>;
  body?: string;
}

/** How the target comes to life. Exactly one of use, command, url. */
export interface TargetSpec {
  use?: 'go-nethttp' | 'node-http' | 'faulty';
  fallback?: 'node-http';
  command?: string[];
  url?: string;
  /** Run once before the first trial, outside of its network: what builds the command. */
  prepare?: string[];
  /** Appended to the command line of a command or bundled target; empty for a url. */
  args: string[];
  env: Record<string, string>;
  /** Absolute folder in which a command runs. */
  cwd: string;
  ready: { path?: string; withinMs: number };
  /** Path of the Prometheus text endpoint: ground truth where there is one. */
  metrics?: string;
  /** Where its profiles can be had; used in profile trials alone. */
  profile?: ProfileAccess;
  pin?: number[];
  /** CPU quota in percent of one CPU. */
  cpuLimit?: number;
  proxy?: ProxySpec;
}

/** A proxy between tool and target, on a port of its own. */
export interface ProxySpec {
  use: 'nginx' | 'delay';
  /** nginx: collect the response before passing it on. */
  buffering?: boolean;
  /** nginx: buffer unless the target's answer forbids it. */
  obeyTarget?: boolean;
  /** nginx: request headers that are passed on, no others; absent passes all. */
  passHeaders?: string[];
  /** delay: added to every piece of data, in each direction. */
  delayMs?: number;
}

/**
 * Disturbances planted into every trial of a scenario, measured and evidence alike. Those of `timeline` come into trials
 * that are long enough for all of them.
 */
export interface Faults {
  /** Share of TCP packets dropped in the trial's network, 0..1. */
  loss?: number;
  /** The target is stopped once, `afterMs` after the tool was started. */
  pause?: { afterMs: number; lengthMs: number };
  /** Limits of open files. */
  targetOpenFiles?: number;
  toolOpenFiles?: number;
  /** Quota of the tool in percent of one CPU. */
  toolCpuLimit?: number;
  /** Ports to connect from. */
  ports?: number;
  /** Longest accept queue (somaxconn). */
  backlog?: number;
  /** Busy loops that belong to neither side. */
  burners?: number;
  /** CPUs that they may use; all without it. */
  burnerPin?: number[];
  /** Buffer of the capture in KiB. */
  captureBufferKib?: number;
  /** Faults that come and go, in the order of their times; they do not overlap. */
  timeline?: TimedFault[];
}

export type StreamKind = 'finite' | 'endless';
export type CaptureMode = 'off' | 'flags' | 'headers' | 'full';

/** Profiling, capturing and changed requests have trials of their own beside the measured ones. */
export type TrialKind = 'measured' | 'evidence' | 'ablation' | 'profile';

/** One row of the comparison: a tool under one variant. */
export interface Arm {
  /** `name`, or `name@variant`. Unique in the plan. */
  id: string;
  /** Adapter name, as in the scenario schema. */
  tool: string;
  variant?: string;
  target: TargetSpec;
  request: RequestSpec;
  stream: StreamKind;
  connections: number;
  durationMs: number;
  /** Idle, head and connect timeout of one stream. */
  timeoutMs: number;
  /** Requests per second per connection; absent means as fast as answers come. */
  ratePerConnection?: number;
  /** Bytes per second that each connection reads at most. */
  readBytesPerSec?: number;
  /** CPUs the tool is pinned to. */
  pin?: number[];
  /** Name of the arm whose captured request bytes are replayed. */
  replay?: string;
  /** Of the replayed request, only what it cannot do without is sent. */
  bare?: true;
  /** The replayed request has an ablation trial. */
  ablate?: 'headers';
  faults?: Faults;
}

export interface Trial {
  /** `r1-wrk`, `evidence-wrk`, `ablation-wrk` or `profile-wrk`: also the folder name under trials/. Safe for file systems. */
  id: string;
  armId: string;
  kind: TrialKind;
  /** 1-based; 0 for all but measured trials. */
  round: number;
  durationMs: number;
  capture: CaptureMode;
  /** Present in profile trials alone. */
  profile?: ProfilePlan;
  /** Present in ablation trials alone; `durationMs` is then that of one slice. */
  ablation?: AblationPlan;
}

export interface Plan {
  arms: Arm[];
  /**
   * In execution order: evidence trials of arms whose requests are replayed, rounds interleaved with rotated arm
   * order, then the evidence trials of the other arms, then ablation trials, then profile trials.
   */
  trials: Trial[];
  warmupMs: number;
  rounds: number;
  sampleEveryMs: number;
  /** Host names outside loopback that the user allowed. */
  allowRemote: string[];
  /** Truth planted by the scenario's author: rank 1 must be this code. */
  expect?: { finding: string };
  /** Absent when the scenario promises nothing. */
  slo?: SloSpec[];
  /** Absent when the scenario claims nothing. */
  claims?: ClaimSpec[];
  /** Run one after the other behind all trials; absent when there are none. */
  probes?: ProbeSpec[];
  gate?: GateSpec;
}
