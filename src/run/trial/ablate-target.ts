import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrialRecord } from '../../model/run-record.ts';
import type { ToolExec, ToolTrial } from '../../model/tool.ts';
import { runToEnd } from '../../process/run-to-end.ts';
import { executeAblation } from '../execute-ablation.ts';
import { concludeTrial, watchForDeath } from './conclude-trial.ts';
import { drainTarget } from './drain-target.ts';
import { scrapeMetrics } from './scrape-metrics.ts';
import type { Place, TrialContext } from './trial-context.ts';

/** Slices on the one target that the trial has started, each with a variant of the replayed request. */
export async function ablateTarget(
  context: TrialContext,
  record: TrialRecord,
  place: Place,
  toolTrial: ToolTrial,
): Promise<void> {
  const { trial, arm, adapters, signal } = context;
  const { dir, target, planted } = place;
  const died = watchForDeath(target);
  planted.beforeTool();
  try {
    record.ablation = await executeAblation({
      dir,
      request: readFileSync(toolTrial.replayFile!),
      plan: trial.ablation!,
      signal,
      async runSlice(sliceDir, requestFile) {
        const exec: ToolExec = (command) => {
          record.argv ??= command.argv;
          return runToEnd(command, {
            stdoutFile: join(sliceDir, 'stdout.txt'),
            stderrFile: join(sliceDir, 'stderr.txt'),
            wrap: (argv) => planted.toolSpace.wrap(argv),
            signal,
            registry: adapters.registry,
            ...(arm.pin ? { pin: arm.pin } : {}),
          });
        };
        const slice = { ...toolTrial, dir: sliceDir, replayFile: requestFile };
        const exit = await adapters.findTool(arm.tool).run(slice, exec);
        await drainTarget(place);
        return exit;
      },
      scrape: (sliceDir, file) => scrapeMetrics(context, place, sliceDir, file),
    });
  } finally {
    await planted.afterTool();
  }
  const last = record.ablation.slices.at(-1)?.exit;
  if (last) concludeTrial(record, last, died.exit, signal);
}
