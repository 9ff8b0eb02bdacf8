import type { Comparison } from '../model/comparison.ts';

export interface ReportOptions {
  /** Width of the terminal in characters. @default 80 */
  columns?: number;
  /** Use bold type by terminal escapes. @default false */
  color?: boolean;
  /** Where each arm stands in the scenario's text, from 1, by arm id; absent where the text has changed since. */
  scenarioLines?: Record<string, { line: number; column: number }>;
}

/** A comparison as text. Pure: the same comparison and options give the same bytes. */
export type Reporter = (comparison: Comparison, options: ReportOptions) => string;
