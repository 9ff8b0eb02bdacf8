import type { ClaimSpec, ProbeSpec } from '../model/claim.ts';
import type { GateSpec, SloSpec } from '../model/gate.ts';
import type { CaptureMode, Faults, ProxySpec, RequestSpec, StreamKind, TargetSpec } from '../model/plan.ts';
import type { ProfileKind } from '../model/profile.ts';
import type { ToolName } from './schema/tool.ts';

/** A valid scenario with every default filled in and every duration in milliseconds. */
export interface Scenario {
  name: string;
  description?: string;
  /** `cwd` as written: relative to the scenario file. */
  target: TargetSpec;
  request: RequestSpec;
  stream: StreamKind;
  load: ScenarioLoad;
  tools: ScenarioTool[];
  /** In the order of the file; empty when the scenario has none. */
  variants: ScenarioVariant[];
  capture: CaptureMode;
  observe: { everyMs: number; profile?: ProfileKind[] };
  expect?: { finding: string };
  faults?: Faults;
  /** In the order of the file; empty when the scenario promises nothing. */
  slo: SloSpec[];
  gate?: GateSpec;
  /** In the order of the file; empty when the scenario claims nothing. */
  claims: ClaimSpec[];
  /** `cwd` as written: relative to the scenario file. */
  probes: ProbeSpec[];
}

export interface ScenarioLoad {
  connections: number;
  durationMs: number;
  timeoutMs: number;
  warmupMs: number;
  rounds: number;
  pin?: number[];
}

export interface ScenarioTool {
  use: ToolName;
  /** Unique; the tool's own name unless the scenario gives another one. */
  name: string;
  /** Requests per second per connection. */
  rate?: number;
  /** Bytes per second that each connection reads at most. */
  readRate?: number;
  /** `name` of the tool whose captured request bytes are sent. */
  replay?: string;
  /** Of the replayed request, only what it cannot do without is sent. */
  bare?: true;
  ablate?: 'headers';
  /** Length of its measured trials, where it is not that of `load`. */
  durationMs?: number;
}

/** What one variant changes; everything absent stays as it is. */
export interface ScenarioVariant {
  name: string;
  target: { env?: Record<string, string>; args?: string[]; proxy?: ProxySpec };
  request: Partial<RequestSpec>;
}

/** One mistake in a scenario file. */
export interface ScenarioError {
  /** As given by the caller. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 code units as editors count. */
  column: number;
  /** What is wrong, and the remedy. One line. */
  message: string;
}
