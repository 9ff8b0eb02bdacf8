import type { Faults, RequestSpec, TargetSpec } from '../model/plan.ts';
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
    observe: { everyMs: toMs(observe.every) },
    ...(expect ? { expect } : {}),
    ...(valid.faults ? { faults: normalizeFaults(valid.faults) } : {}),
  };
}

/** The list as one: of two entries that set the same, the later one counts. */
function normalizeFaults(list: NonNullable<ValidScenario['faults']>): Faults {
  const merged: (typeof list)[number] = Object.assign({}, ...list);
  const { loss, pause, openFiles, cpuLimit, ports, backlog, burners, captureBuffer } = merged;
  return {
    ...(loss === undefined ? {} : { loss: toPercent(loss) / 100 }),
    ...(pause ? { pause: { afterMs: toMs(pause.after), lengthMs: toMs(pause.length) } } : {}),
    ...(openFiles?.target === undefined ? {} : { targetOpenFiles: openFiles.target }),
    ...(openFiles?.tool === undefined ? {} : { toolOpenFiles: openFiles.tool }),
    ...(cpuLimit?.tool === undefined ? {} : { toolCpuLimit: toPercent(cpuLimit.tool) }),
    ...(ports === undefined ? {} : { ports }),
    ...(backlog === undefined ? {} : { backlog }),
    ...(burners === undefined ? {} : { burners }),
    ...(captureBuffer === undefined ? {} : { captureBufferKib: captureBuffer }),
  };
}

function toPercent(text: string): number {
  return Number(text.replace('%', ''));
}

function normalizeTarget({ ready, cpuLimit, proxy, ...target }: ValidScenario['target']): TargetSpec {
  return {
    ...target,
    ...(cpuLimit === undefined ? {} : { cpuLimit: toPercent(cpuLimit) }),
    ...(proxy
      ? {
          proxy: {
            use: proxy.use,
            ...(proxy.buffering === undefined ? {} : { buffering: proxy.buffering }),
            ...(proxy.delay === undefined ? {} : { delayMs: toMs(proxy.delay) }),
          },
        }
      : {}),
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
