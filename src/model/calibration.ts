import type { TargetCounters } from './evidence.ts';
import type { Outcome } from './outcome.ts';
import type { StreamKind, TargetSpec } from './plan.ts';
import type { Environment } from './run-record.ts';

/** What a server does to every stream, known because it was written to do so. */
export interface Behaviour {
  /** Unique, short: a row of the matrix and part of folder names. */
  id: string;
  target: Required<Pick<TargetSpec, 'use' | 'args'>> & Pick<TargetSpec, 'metrics'>;
  /** Path and query. */
  path: string;
  /** What the adapters are told of the streams. */
  stream: StreamKind;
  /** Completes "every stream ...". */
  does: string;
  /** How every stream ends. More than one where the same thing has several names. */
  truth: readonly [Outcome, ...Outcome[]];
  /** Where no byte of the response comes earlier: milliseconds from the request on. */
  firstByteMs?: number;
  /** Set where ids of the events are missing or repeated although the streams are whole. */
  hasIdFaults?: true;
}

/** Says what happened; cannot tell, which a reader notices; says the opposite of what happened. */
export const CALIBRATION_VERDICTS = ['right', 'blind', 'wrong'] as const;
export type CalibrationVerdict = (typeof CALIBRATION_VERDICTS)[number];

/** What a person reads in the report that a tool prints, whatever its words. */
export interface PlainReading {
  /** False when nothing was printed that could be read. */
  hasReport: boolean;
  /** Responses that it presents as finished and good. */
  fine: number;
  /** Responses, connections or timeouts that it presents as failed; 1 where it gives the run up at the first. */
  failed: number;
  /** Streams that it presents as cut by the end of its own time, neither good nor failed. */
  open: number;
  /** Streams that it presents as open and alive at the end. */
  held: number;
  /** Time to the first byte of the responses, where it prints one. */
  firstByteMs?: number;
  /** Ids of events that are missing or repeated, where it looks for them. */
  idFaults?: number;
  /** The telling lines of the report. */
  words: string;
}

export interface Judgement {
  verdict: CalibrationVerdict;
  /** What was said. */
  said: string;
  /** Why that is right, blind or wrong: one sentence without final full stop. */
  because: string;
}

/** One layer of one cell. */
export type CalibrationLayer =
  | ({
      state: 'judged';
      /** Folder below `trials/`. */
      trial: string;
      argv: string[];
      /** What the server counted in the meantime; null where it does not count. */
      server: TargetCounters | null;
    } & Judgement)
  | { state: 'not-run'; reason: string };

export interface CalibrationCell {
  tool: string;
  behaviour: string;
  /** The tool as typed by a person, and what its report makes one believe. */
  raw: CalibrationLayer;
  /** The tool as run by its adapter, and what is published of it. */
  normalized: CalibrationLayer;
}

export interface CalibrationTool {
  name: string;
  /** Null when it is not there. */
  version: string | null;
  /** Why it is not there, and the remedy. */
  missing: string | null;
}

/** Every tool against every behaviour: calibration.json. */
export interface Calibration {
  schema: 'ssee-bench/calibration/1';
  harnessVersion: string;
  startedAt: string;
  state: 'done' | 'interrupted';
  environment: Environment;
  load: { connections: number; durationMs: number; timeoutMs: number };
  tools: CalibrationTool[];
  behaviours: Behaviour[];
  cells: CalibrationCell[];
  /** What went wrong with the harness itself. */
  problems: string[];
}
