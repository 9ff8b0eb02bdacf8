import type { Unit } from './units.ts';

/** Groups of published figures, as the keys of `ArmComparison` have them in the plural. */
export const FIGURE_GROUPS = ['metric', 'outcome', 'wire', 'process', 'truth', 'profile'] as const;
export type FigureGroup = (typeof FIGURE_GROUPS)[number];

/** Where a claim's condition takes a figure from. `arm` is a row by name or by `name@variant`. */
export type FigureSource =
  | { from: FigureGroup; arm: string; id: string }
  /** Length of the row's captured first request. */
  | { from: 'request'; arm: string }
  | { from: 'probe'; probe: string; id: string };

export const COMPARISONS = ['above', 'below', 'atLeast', 'atMost', 'equals'] as const;
export type ComparisonOperator = (typeof COMPARISONS)[number];

/** What a figure is held against: a constant in its own unit, or another figure times a factor. */
export type Operand = { value: number | string | boolean } | { figure: FigureSource; times: number };

/** What evidence would have to say. */
export type ClaimCondition =
  | {
      kind: 'compare';
      figure: FigureSource;
      operator: ComparisonOperator;
      operand: Operand;
      /** Relative tolerance of `equals`, as a ratio of the operand. */
      within?: number;
    }
  | { kind: 'header'; arm: string; name: string; sent: boolean; equals?: string }
  | { kind: 'finding'; arm: string; code: string; present: boolean; rank?: number }
  | { kind: 'all' | 'any'; of: ClaimCondition[] }
  | { kind: 'not'; of: ClaimCondition };

/** Why a claim cannot be refuted, with the figure that a reader sees beside what was published. */
export interface Irrefutable {
  because: string;
  beside?: FigureSource;
}

/** One sentence of somebody's, tied to what would confirm and what would refute it. */
export interface ClaimSpec {
  id: string;
  /** What it says, in the words of the scenario's author. */
  text: string;
  /** The sentence as it was written. */
  quote?: string;
  /** Where it was written. */
  section?: string;
  /** The figure that was printed with it: `41.6 %`. */
  published?: string;
  /** What the reader should know beside the verdict. */
  note?: string;
  /** One of the three is there at least; without `refute`, what is certainly not confirmed is refuted. */
  confirm?: ClaimCondition;
  refute?: ClaimCondition;
  /** In place of `refute`: no measurement of this scenario could refute it. */
  irrefutable?: Irrefutable;
  /** Place in the scenario file, from 1. */
  line: number;
  column: number;
}

/** A small program whose output is evidence. */
export interface ProbeSpec {
  name: string;
  command: string[];
  /** Absolute in a plan. */
  cwd: string;
  /** json: one document `{"figures": {...}}` or `{"skipped": "reason"}`; go-bench: what `go test -bench` prints. */
  reads: 'json' | 'go-bench';
  withinMs: number;
}

/** What became of a probe; stored in the run's record, its output beside it in probes/. */
export type ProbeRecord =
  | { state: 'done'; argv: string[]; file: string; wallMs: number }
  | { state: 'failed'; argv: string[]; reason: string };

/** A figure that a probe printed. Its unit is its own word for it, '' where it gave none. */
export interface ProbeFigure {
  value: number | string | boolean;
  unit: string;
}

/** A probe as published. */
export interface ProbeResult {
  state: 'done' | 'skipped' | 'failed';
  /** Null where it is done. */
  reason: string | null;
  figures: Record<string, ProbeFigure>;
}

/** What one condition found. */
export interface ClaimEvidence {
  /** The figure and what it was held against. */
  sentence: string;
  /** Whether the condition holds; null where it cannot be said, or where nothing is asked. */
  holds: boolean | null;
  /** Null where there is no single figure. */
  figure: { source: string; value: number | string | boolean; unit: Unit | string } | null;
  /** The constant it was held against; null where it was none. */
  stated: number | string | boolean | null;
  /** Ids of the trials, or `probe NAME`. */
  trials: string[];
  /** Nothing is asked of it: the reader may compare it with what was published. */
  shown?: true;
}

export type ClaimVerdict = 'confirmed' | 'refuted' | 'unproven';

/** A claim as published. */
export interface ClaimResult {
  id: string;
  text: string;
  quote: string | null;
  section: string | null;
  /** The figure that was printed with the sentence; null where there was none. */
  published: string | null;
  note: string | null;
  verdict: ClaimVerdict;
  evidence: ClaimEvidence[];
  /** What would be needed for a verdict; empty where there is one. */
  missing: string[];
  /** All trials that the evidence is from. */
  trials: string[];
  /** The one command that measures it again. */
  reproduce: string;
  file: string;
  line: number;
  column: number;
}
