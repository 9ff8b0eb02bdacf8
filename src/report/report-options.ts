import type { Comparison } from '../model/comparison.ts';

export interface ReportOptions {
  /** Width of the terminal in characters. @default 80 */
  columns?: number;
  /** Use bold type by terminal escapes. @default false */
  color?: boolean;
}

/** A comparison as text. Pure: the same comparison and options give the same bytes. */
export type Reporter = (comparison: Comparison, options: ReportOptions) => string;
