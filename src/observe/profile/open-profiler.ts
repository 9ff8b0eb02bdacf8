import type { TargetSpec } from '../../model/plan.ts';
import { openInspectorProfiler } from './inspector-profiler.ts';
import { openPprofProfiler } from './pprof-profiler.ts';
import type { Profiler } from './profile-session.ts';

/** The profiler that fits the target; undefined where the scenario names none. Opened before the target starts. */
export async function openProfiler(target: TargetSpec): Promise<Profiler | undefined> {
  if (target.profile === undefined) return undefined;
  if ('pprof' in target.profile) return openPprofProfiler(target.profile.pprof);
  return openInspectorProfiler(target.env.NODE_OPTIONS ?? process.env.NODE_OPTIONS ?? '');
}
