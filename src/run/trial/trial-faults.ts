import type { Arm, Faults, Trial } from '../../model/plan.ts';
import type { TrialRecord } from '../../model/run-record.ts';
import { type RunningTimeline, startTimeline } from '../../plant/timeline/run-timeline.ts';
import { watchHealth } from '../../plant/timeline/watch-health.ts';
import { writeFileAtomically } from '../run-store.ts';
import type { Place, TrialContext } from './trial-context.ts';

/** The timeline comes into measured and evidence trials that are long enough for all of it. */
export function faultsOf({ faults = {} }: Arm, { durationMs, kind }: Trial): Faults {
  const { timeline, ...constant } = faults;
  const last = timeline?.at(-1);
  const takesPart = kind === 'measured' || kind === 'evidence';
  return last && takesPart && last.atMs + last.forMs < durationMs ? faults : constant;
}

/** Called when the tool has started; undefined where the trial has no timeline. */
export function beginTimeline(
  { arm }: TrialContext,
  { dir, space, target, planted, front, proxy }: Place,
  onRestart: (pid: number) => void,
): RunningTimeline | undefined {
  if (!planted.timeline) return undefined;
  const stage = { target, frontPort: front.port, ...(proxy ? { delayProxy: proxy } : {}), onRestart };
  return startTimeline(planted.timeline, stage, {
    dir,
    startedAtMs: Date.now(),
    writeFile: writeFileAtomically,
    watchHealth: () => watchHealth(space, target.url, arm.target.ready.path),
  });
}

/** A fault that was tried in vain is the harness' failure: what it was to show is not shown. */
export async function endTimeline(
  context: TrialContext,
  record: TrialRecord,
  timeline: RunningTimeline | undefined,
): Promise<void> {
  const faults = await timeline?.stop();
  if (faults?.unsaved !== undefined) {
    context.problems.push(
      `${record.id}: faults.json could not be written (${faults.unsaved}); make room in the results folder`,
    );
  }
  for (const { id, kind, state, reason, beganMs } of faults?.injected ?? []) {
    if (state === 'failed') context.problems.push(`${record.id}: the fault ${id} failed: ${reason}`);
    // Also where it failed half-way: the process that counted until then is over, or on its way.
    if (kind === 'restart' && beganMs !== undefined) record.target = { ...record.target!, restarted: true };
  }
}
