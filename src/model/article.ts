import type { ClaimResult, ProbeResult } from './claim.ts';
import type { Environment } from './run-record.ts';

/** One scenario of the family with what became of its claims. */
export interface ArticlePart {
  scenario: { name: string; path: string; description: string | null };
  /** skipped: it could not be run, and all of its claims are unproven for that reason. */
  state: 'done' | 'skipped';
  reason: string | null;
  /** Null where it was not run. */
  startedAt: string | null;
  /** Rows and trials that did not end well, one line each. */
  problems: string[];
  claims: ClaimResult[];
  probes: Record<string, ProbeResult>;
}

/** article.json: all claims of a family of scenarios. Its reports are functions of this alone. */
export interface ArticleResult {
  schema: 'ssee-bench/article/1';
  startedAt: string;
  durationS: number;
  /** False where only some scenarios were asked for, or the run was interrupted. */
  complete: boolean;
  harnessVersion: string;
  environment: Omit<Environment, 'namespaces'>;
  parts: ArticlePart[];
}
