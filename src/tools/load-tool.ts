import type { MetricId } from '../model/metrics.ts';
import type { OutcomeRow } from '../model/outcome.ts';
import type { ProcessExit, ToolExec, ToolOutput, ToolProbe, ToolResult, ToolTrial } from '../model/tool.ts';

/** One load generator, known to the harness by this alone. A new tool is one folder and one line in index.ts. */
export interface LoadTool {
  /** Name in scenarios and reports. */
  name: string;
  /** Metrics and outcome rows the tool can see at all; everything else is not-observable. */
  observes: ReadonlySet<MetricId | OutcomeRow>;
  /** True where a connection carries one stream and is not used again, so that nothing it did has a rate. */
  oneShot?: true;
  /** Why the tool cannot see a metric or outcome, one sentence, for the notes under the table. */
  whyNot(id: MetricId | OutcomeRow): string;
  /** Find the binary and prove by its banner that it is the tool meant (not a namesake). */
  probe(): Promise<ToolProbe>;
  /** A reason why this load cannot be run fairly by the tool, or undefined. */
  refuses?(trial: ToolTrial): string | undefined;
  /** Run to the end or the hard deadline. Only uses `exec`; writes helper files into trial.dir. */
  run(trial: ToolTrial, exec: ToolExec): Promise<ProcessExit>;
  /** Names of files in trial.dir that `normalize` wants beside stdout and stderr. */
  outputFiles: readonly string[];
  /** Pure: the same stored output gives the same result. Never throws, never yields NaN or negatives. */
  normalize(output: ToolOutput, trial: ToolTrial): ToolResult;
}
