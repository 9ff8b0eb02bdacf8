import type { Reading } from './cell.ts';
import type { LatencyBase, MetricId } from './metrics.ts';
import type { OutcomeRow } from './outcome.ts';
import type { RequestSpec, StreamKind } from './plan.ts';
import type { Correction } from './report-data.ts';

/** What an adapter gets for one trial: never the scenario, so that fairness is decided in the plan alone. */
export interface ToolTrial {
  /** Full URL on a numeric host, e.g. `http://127.0.0.1:40123/events?count=10`. */
  url: string;
  request: RequestSpec;
  stream: StreamKind;
  connections: number;
  durationMs: number;
  timeoutMs: number;
  ratePerConnection?: number;
  /** Bytes per second that each connection reads at most (ssee-tester only). */
  readBytesPerSec?: number;
  /** Signals per interval of so many milliseconds are wanted (ssee-tester only). */
  signalEveryMs?: number;
  /** Absolute, existing folder for the tool's own output files. */
  dir: string;
  /** CPUs the tool may use. */
  cpus: number;
  /** Absolute file with exact request bytes to send (ssee-tester only). */
  replayFile?: string;
  /** Absolute file for a line per second of what goes on, where the tool can write one (ssee-tester only). */
  seriesFile?: string;
}

/** A command line to run to its end, with its deadline. Started in a process group of its own. */
export interface ToolCommand {
  argv: [string, ...string[]];
  env?: Record<string, string>;
  /** From start; when it passes, `signals` are sent in turn. */
  deadlineMs: number;
  /** Each signal and how long to wait for the exit before the next. The last is SIGKILL. */
  signals: { signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'; waitMs: number }[];
}

/** How a process ended. Stored as is. */
export interface ProcessExit {
  /** Exit code; null when a signal ended it. */
  code: number | null;
  signal: string | null;
  /** True when the deadline passed and the harness sent signals. */
  overran: boolean;
  /** Signals the harness sent, in order. */
  sent: string[];
  startedAtMs: number;
  wallMs: number;
  /** Set when the process could not be started at all. */
  spawnError?: string;
  /** Set when not even SIGKILL ended it, with its pid: it may still run. Then `wallMs` is the time until that was given up. */
  unended?: string;
}

/** Runs a command in the trial's network namespace with stdout and stderr kept in the trial's folder. */
export type ToolExec = (command: ToolCommand) => Promise<ProcessExit>;

/** What is stored of a tool's run, as text. Input of the pure normalizers. */
export interface ToolOutput {
  exit: ProcessExit;
  stdout: string;
  stderr: string;
  /** Further files the tool wrote, by base name. */
  files: Record<string, string>;
}

/** What one tool says about one trial, in the common vocabulary. Absent keys mean not-observable. */
export interface ToolResult {
  metrics: Partial<Record<MetricId, Reading>>;
  outcomes: Partial<Record<OutcomeRow, Reading>>;
  /** Which outcome members the tool lumps together or cannot tell apart; shown under the table. */
  caveats: string[];
  /** Events received in the measured window, where the tool counts them. */
  events?: Reading;
  /** Whole distributions where the tool keeps them, for charts. */
  distributions?: LatencyDistribution[];
  /** The tool's own figures that do not enter the comparison, e.g. wrk's corrected percentiles. */
  extra?: Record<string, unknown>;
  /** Set where the scenario asks for events and the tool looks at the heads of the answers. */
  answers?: AnswerCount;
  /** Set when the tool produced nothing usable: one sentence. */
  problem?: string;
}

/** Answers by their heads, where events were asked for. */
export interface AnswerCount {
  /** Answers with a head. */
  total: number;
  /** Of those, the ones with a status below 400 that are no event stream, as far as the tool looks. */
  otherwise: number;
  /** The tool looks at status, type and coding: what it takes for an event stream is one. */
  isWhole?: true;
  /** What the first of the others was, e.g. `status 200 with Content-Type text/html`; from the server, cleaned. */
  first?: string;
}

/** Every sample of one latency, as counts. */
export interface LatencyDistribution {
  base: LatencyBase;
  corrected: Correction;
  /** Microseconds and how often they were seen; values ascending, counts positive. */
  counts: readonly (readonly [valueUs: number, count: number])[];
}

export type ToolProbe =
  | { available: true; path: string; version: string }
  | { available: false; reason: string; remedy: string };
