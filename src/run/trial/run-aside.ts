import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ToolCommand, ToolExec, ToolTrial } from '../../model/tool.ts';
import type { CaptureRecord } from '../../model/wire.ts';
import { runToEnd } from '../../process/run-to-end.ts';
import { drainTarget } from './drain-target.ts';
import { startCapture } from './start-capture.ts';
import type { Place, TrialContext } from './trial-context.ts';

/**
 * Long enough for a request and its first events although a busy machine takes half a second to start a program, short
 * enough not to add up over arms.
 */
const PROBE_MS = 1200;

const PROBE_FILE = 'probe.pcap';

/** Every arm meets a target warmed by the same client, whatever its own tool is. Its result is not kept. */
export async function warmUp(context: TrialContext, place: Place, toolTrial: ToolTrial): Promise<void> {
  const warmTrial = { ...toolTrial, durationMs: context.plan.warmupMs };
  delete warmTrial.ratePerConnection;
  delete warmTrial.readBytesPerSec;
  delete warmTrial.signalEveryMs;
  await runAside(context, place, 'ssee-tester', warmTrial, 'warmup');
  await drainTarget(place);
}

/** One connection of the arm's own tool with every byte captured: what it really sends. */
export async function probeExchange(
  context: TrialContext,
  place: Place,
  toolTrial: ToolTrial,
): Promise<CaptureRecord> {
  if (context.trial.capture === 'off') return { state: 'off', reason: 'capture is off in the scenario' };
  const capture = await startCapture(
    { ...context, trial: { ...context.trial, capture: 'full' } },
    place,
    PROBE_FILE,
    true,
  );
  if (!('stop' in capture)) return capture;
  const single = { ...toolTrial, connections: 1, durationMs: 1000 };
  let record: CaptureRecord;
  try {
    await runAside(context, place, context.arm.tool, single, 'probe', PROBE_MS);
  } finally {
    record = await capture.stop();
  }
  await drainTarget(place);
  return record;
}

/** Run a tool for its effect on the target, in a folder of its own so that no stored output is touched. */
async function runAside(
  context: TrialContext,
  place: Place,
  toolName: string,
  trial: ToolTrial,
  folder: string,
  cutAfterMs?: number,
): Promise<void> {
  const dir = join(place.dir, folder);
  mkdirSync(dir, { recursive: true });
  const exec: ToolExec = (command) =>
    runToEnd(cutAfterMs === undefined ? command : cutShort(command, cutAfterMs), {
      stdoutFile: join(dir, 'stdout.txt'),
      stderrFile: join(dir, 'stderr.txt'),
      wrap: (argv) => place.space.wrap(argv),
      signal: context.signal,
      registry: context.adapters.registry,
    });
  await context.adapters.findTool(toolName).run({ ...trial, dir }, exec);
}

function cutShort(command: ToolCommand, deadlineMs: number): ToolCommand {
  return {
    ...command,
    deadlineMs,
    signals: [
      { signal: 'SIGINT', waitMs: 300 },
      { signal: 'SIGKILL', waitMs: 1000 },
    ],
  };
}
