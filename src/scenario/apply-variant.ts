import type { RequestSpec, TargetSpec } from '../model/plan.ts';
import type { ScenarioVariant } from './scenario.ts';

/** Target and request of one variant: env and headers are merged by name, everything else is replaced. */
export function applyVariant(
  target: TargetSpec,
  request: RequestSpec,
  variant: ScenarioVariant,
): { target: TargetSpec; request: RequestSpec } {
  return {
    target: {
      ...target,
      ...variant.target,
      env: { ...target.env, ...variant.target.env },
    },
    request: {
      ...request,
      ...variant.request,
      headers: mergeHeaders(request.headers, variant.request.headers ?? {}),
    },
  };
}

/** Names count without regard to case; a header that is replaced keeps its place. */
function mergeHeaders(base: Record<string, string>, changes: Record<string, string>): Record<string, string> {
  const changed = new Map(Object.entries(changes).map((entry) => [entry[0].toLowerCase(), entry]));
  const merged: [string, string][] = [];
  for (const [name, value] of Object.entries(base)) {
    merged.push(changed.get(name.toLowerCase()) ?? [name, value]);
    changed.delete(name.toLowerCase());
  }
  return Object.fromEntries([...merged, ...changed.values()]);
}
