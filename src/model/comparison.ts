import type { Ablation, HeaderQuestion } from './ablation.ts';
import type { Cell } from './cell.ts';
import type { ClaimResult, ProbeResult } from './claim.ts';
import type { Finding } from './finding.ts';
import type { GateResult, SloResult } from './gate.ts';
import type { MetricId } from './metrics.ts';
import type { OutcomeRow } from './outcome.ts';
import type { TrialKind } from './plan.ts';
import type { ProfileDetail, ProfileFigureId } from './profile.ts';
import type { Resilience } from './resilience.ts';
import type { Environment, TrialRecord } from './run-record.ts';

/** The published result of a run: comparison.json. Reports are functions of this alone. */
export interface Comparison {
  schema: 'ssee-bench/comparison/1';
  /** First sentence of every report. */
  verdict: string;
  scenario: { name: string; path: string; sha256: string; description?: string };
  startedAt: string;
  /** running means the harness was killed in mid-run. */
  state: 'running' | 'done' | 'interrupted' | 'failed';
  harnessVersion: string;
  environment: Environment;
  load: { connections: number; durationMs: number; timeoutMs: number; rounds: number; stream: string };
  problems: string[];
  arms: ArmComparison[];
  /** One per variant in which requests are replayed; absent where none are. */
  headers?: HeaderQuestion[];
  /** Sentences of the scenario, judged. */
  claims: ClaimResult[];
  /** What the scenario's probes printed; absent where it has none. */
  probes?: Record<string, ProbeResult>;
  /** Promises of the scenario, one entry per row that each binds. */
  slo: SloResult[];
  /** What faults on a timeline did, one entry per measured trial; absent where the scenario has none. */
  resilience?: Resilience[];
  /** The verdict over two variants of this run; empty where the scenario's gate names none. */
  gate: GateResult | Record<string, never>;
}

export interface ArmComparison {
  id: string;
  tool: string;
  /** Null when the tool was not found. */
  toolVersion: string | null;
  variant: string | null;
  /** Id of the arm whose captured request this one replays; absent where it sends its own. */
  replay?: string;
  /** Of the replayed request, only what it cannot do without is sent. */
  bare?: true;
  /** Of a row whose measured trials are not as long as those of `load`. */
  durationMs?: number;
  target: { name: string; version: string | null; fallbackReason: string | null };
  trials: ArmTrial[];
  metrics: Record<MetricId, Cell>;
  outcomes: Record<OutcomeRow, Cell>;
  wire: Record<string, Cell>;
  process: Record<string, Cell>;
  /** The target's own counters, ground truth. */
  truth: Record<string, Cell>;
  /** Absent where the scenario asks for no profile. */
  profile?: Record<ProfileFigureId, Cell>;
  /** Functions and files behind `profile`; absent where there is none to read. */
  profileDetail?: ProfileDetail;
  /** What each header of the replayed request does to the rate; absent where nobody asked. */
  ablation?: Ablation<Cell>;
  findings: Finding[];
  /** What the tool lumps together or cannot prove; shown under the table. */
  caveats: string[];
}

export interface ArmTrial {
  id: string;
  kind: TrialKind;
  round: number;
  state: TrialRecord['state'];
  reason: string | null;
  argv: string[] | null;
  metrics: Partial<Record<MetricId, Cell>>;
}
