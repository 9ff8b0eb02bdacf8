import { UserError } from '../model/errors.ts';
import { type ExplainInput, explain, explainable } from '../report/explain.ts';
import { deriveComparison } from '../run/derive-comparison.ts';
import { readRun } from '../run/run-store.ts';
import { suggestName } from '../scenario/closest-name.ts';
import { requireTool } from '../tools/index.ts';

/** `ssee-bench explain RUN ARM [METRIC or FINDING]`: where a cell or a finding comes from; nothing is measured. */
export function explainCommand(runDir: string, armId: string, name: string | undefined): number {
  const run = readRun(runDir);
  const { comparison, arms } = deriveComparison(runDir, requireTool, run);
  const arm = comparison.arms.find(({ id }) => id === armId);
  if (!arm) {
    const ids = comparison.arms.map(({ id }) => id);
    throw new UserError(
      `the run has no arm ${armId}${suggestName(armId, ids) || `; choose from ${ids.join(', ')}`}`,
    );
  }
  const evidence = arms.find((derived) => derived.arm.id === armId)?.evidence;
  const input: ExplainInput = { runDir, run, comparison, arm, evidence };
  const lines = explain(input, name);
  if (!lines) {
    const remedy = suggestName(name ?? '', explainable(input)) || '; the names are those of comparison.json';
    throw new UserError(`${armId} has no figure and no finding called ${name}${remedy}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}
