import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildAblation, type SliceFigures } from '../evidence/build-ablation.ts';
import { readTargetCounters } from '../evidence/target-counters.ts';
import type { Ablation } from '../model/ablation.ts';
import { readingValue } from '../model/cell.ts';
import type { Arm } from '../model/plan.ts';
import type { RunRecord, TrialRecord } from '../model/run-record.ts';
import type { LoadTool } from '../tools/load-tool.ts';

/** The header ablation of an arm from the stored files; undefined where the plan has none. */
export function readAblation(runDir: string, run: RunRecord, arm: Arm, tool: LoadTool): Ablation | undefined {
  const planned = run.plan.trials.find((trial) => trial.armId === arm.id && trial.ablation);
  if (!planned?.ablation) return undefined;
  const trial = run.trials.find(({ id }) => id === planned.id);
  const slices = trial?.ablation?.slices.map((slice) => readSlice(runDir, arm, trial, slice, tool)) ?? [];
  const reason = trial ? trial.reason : 'the run ended before it';
  return buildAblation({
    trialId: planned.id,
    plan: planned.ablation,
    record: trial?.ablation,
    slices,
    ...(reason === undefined ? {} : { reason }),
  });
}

function readSlice(
  runDir: string,
  arm: Arm,
  trial: TrialRecord,
  { request, round, dir, exit }: NonNullable<TrialRecord['ablation']>['slices'][number],
  tool: LoadTool,
): SliceFigures {
  const read = (file: string): string | undefined => {
    const path = join(runDir, 'trials', trial.id, basename(dir), file);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  };
  const { metrics } = tool.normalize(
    { exit, stdout: read('stdout.txt') ?? '', stderr: read('stderr.txt') ?? '', files: {} },
    {
      url: '',
      request: arm.request,
      stream: arm.stream,
      connections: arm.connections,
      durationMs: trial.durationMs,
      timeoutMs: arm.timeoutMs,
      dir: '',
      cpus: 1,
    },
  );
  const eventsPerSec = readingValue(metrics.events_per_sec);
  const requestsPerSec = readingValue(metrics.requests_per_sec);
  const ttfbUsP50 = readingValue(metrics.ttfb_us_p50);
  const headerParse = readTargetCounters(read('metrics-before.txt'), read('metrics-after.txt'))?.headerParse;
  return {
    request,
    round,
    ...(eventsPerSec === undefined ? {} : { eventsPerSec }),
    ...(requestsPerSec === undefined ? {} : { requestsPerSec }),
    ...(ttfbUsP50 === undefined ? {} : { ttfbUsP50 }),
    ...(headerParse ? { headerParse } : {}),
  };
}
