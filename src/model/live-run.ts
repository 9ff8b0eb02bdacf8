import type { TrialKind } from './plan.ts';
import type { TrialRecord } from './run-record.ts';

/** What the live page says about one trial of the plan. */
export type LiveTrialState = TrialRecord['state'] | 'waiting' | 'running';

/** The plan as the live page shows it: what does not change during a run. JSON through and through. */
export interface LivePlan {
  scenario: { name: string; description?: string };
  /** Row ids in the order of the comparison, which decides on their colours. */
  arms: string[];
  trials: { id: string; arm: string; kind: TrialKind; round: number; durationMs: number }[];
  /** True when figures are sent while a tool measures, which costs. */
  duringTrials: boolean;
}

/** Where the run stands. Times of day are Unix times in ms. */
export interface LiveProgress {
  /** One sentence. */
  sentence: string;
  /** Position of the running trial, from 0; null before the first and after the last. */
  running: number | null;
  /** What goes on in it. */
  phase: string | null;
  /** One per trial of the plan, in its order. */
  states: LiveTrialState[];
  /** When the run is expected to be done; null when it is. */
  doneAtMs: number | null;
  /** Expected time until then, from when this was said; null when the run is done. */
  leftMs: number | null;
  /** When the page will hear again, where it does not while a tool measures. */
  nextNewsAtMs: number | null;
}

/** What is known so far: sections as in the report, made by the same code. */
export interface LiveResults {
  /** HTML, escaped by the server. */
  html: string;
  /** One line for whoever hears the page: `wrk: stream-paced`. Empty where nothing is new. */
  news: string;
}

/** A look into the running trial, once per second. Null is what nobody can see. */
export interface LiveReading {
  trialId: string;
  /** Seconds since the tool was started. */
  atS: number;
  /** CPUs in use since the reading before: 1 is one CPU fully busy. */
  toolCpus: number | null;
  targetCpus: number | null;
  /** Of a tool that can be watched. */
  load: LiveLoad | null;
}

export interface LiveLoad {
  requestsPerSec: number;
  eventsPerSec: number;
  open: number;
  asked: number;
  /** Since the start of the load, in microseconds; null without samples. */
  ttfbP50Us: number | null;
  ttfbP99Us: number | null;
  ttfeP50Us: number | null;
  ttfeP99Us: number | null;
}

/** The run is over. */
export interface LiveEnd {
  sentence: string;
  /** Path on this server that has the final report for a moment; null where none was asked for. */
  report: string | null;
  /** Where the run is stored. */
  folder: string;
}

/** Everything that is sent, by the type of its event. `lost` counts events that a slow reader did not get. */
export interface LiveEvents {
  progress: LiveProgress;
  results: LiveResults;
  reading: LiveReading;
  lost: { count: number };
  end: LiveEnd;
}
