import type { RequestSpec, TargetSpec } from '../model/plan.ts';
import { parseWholeMs } from './durations.ts';
import type { Scenario, ScenarioTool, ScenarioVariant } from './scenario.ts';
import type { ValidScenario } from './schema.ts';

/** Durations as milliseconds and every short form written out. */
export function normalizeScenario(valid: ValidScenario): Scenario {
  const { name, description, stream, load, capture, observe, expect } = valid;
  return {
    name,
    ...(description === undefined ? {} : { description }),
    target: normalizeTarget(valid.target),
    request: valid.request,
    stream,
    load: {
      connections: load.connections,
      durationMs: toMs(load.duration),
      timeoutMs: toMs(load.timeout),
      warmupMs: toMs(load.warmup),
      rounds: load.rounds,
      ...(load.pin ? { pin: load.pin } : {}),
    },
    tools: valid.tools.map(normalizeTool),
    variants: Object.entries(valid.variants ?? {}).map(
      ([variantName, { target = {}, request = {} }]): ScenarioVariant => ({
        name: variantName,
        target,
        request: request satisfies Partial<RequestSpec>,
      }),
    ),
    capture: typeof capture === 'string' ? capture : capture.mode,
    observe: { everyMs: toMs(observe.every), ...(observe.profile ? { profile: observe.profile } : {}) },
    ...(expect ? { expect } : {}),
  };
}

function normalizeTarget({ ready, profile, ...target }: ValidScenario['target']): TargetSpec {
  return {
    ...target,
    ...(profile?.pprof === undefined ? {} : { profile: { pprof: profile.pprof } }),
    ...(profile?.inspector === undefined ? {} : { profile: { inspector: profile.inspector } }),
    ready: { ...(ready.path === undefined ? {} : { path: ready.path }), withinMs: toMs(ready.within) },
  };
}

function normalizeTool(tool: ValidScenario['tools'][number]): ScenarioTool {
  if (typeof tool === 'string') return { use: tool, name: tool };
  return { ...tool, name: tool.name ?? tool.use };
}

/** @throws when the text is none that the schema accepts */
function toMs(duration: string): number {
  const ms = parseWholeMs(duration);
  if (ms === undefined) throw new Error(`not a duration: ${duration}`);
  return ms;
}
