import type { Arm } from '../model/plan.ts';
import type { TrialRecord } from '../model/run-record.ts';
import type { ToolOutput, ToolResult, ToolTrial } from '../model/tool.ts';
import type { LoadTool } from '../tools/load-tool.ts';
import { readTrialText } from './run-store.ts';

/** What the tool says about a trial that it was started for, from the stored files alone. */
export function normalizeTrial(runDir: string, arm: Arm, record: TrialRecord, tool: LoadTool): ToolResult {
  const output = readToolOutput(runDir, record, tool.outputFiles);
  const trial: ToolTrial = {
    url: record.url ?? '',
    request: arm.request,
    stream: arm.stream,
    connections: arm.connections,
    durationMs: record.durationMs,
    timeoutMs: arm.timeoutMs,
    dir: '',
    cpus: 1,
    ...(arm.ratePerConnection === undefined ? {} : { ratePerConnection: arm.ratePerConnection }),
  };
  return tool.normalize(output, trial);
}

/** What is stored of a trial that the tool was started for, with those of the given files that are there. */
export function readToolOutput(
  runDir: string,
  record: TrialRecord,
  outputFiles: readonly string[],
): ToolOutput {
  return {
    exit: record.exit!,
    stdout: readTrialText(runDir, record, 'stdout.txt'),
    stderr: readTrialText(runDir, record, 'stderr.txt'),
    files: Object.fromEntries(
      outputFiles
        .filter((name) => record.files.includes(name))
        .map((name) => [name, readTrialText(runDir, record, name)]),
    ),
  };
}

/**
 * Why a trial's result is of no use although its tool ran and ended; undefined when there is one. A tool that waits for
 * the end of an endless stream until it is killed at its deadline behaved as it must, and says in place of each figure
 * why there is none: that is a result.
 */
export function explainUnusable(result: ToolResult, arm: Arm, record: TrialRecord): string | undefined {
  if (result.problem === undefined) return undefined;
  const endlessWait = arm.stream === 'endless' && record.exit?.overran === true;
  return endlessWait && Object.keys(result.metrics).length > 0 ? undefined : result.problem;
}
