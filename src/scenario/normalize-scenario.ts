import type { TimedFault } from '../model/fault.ts';
import type { GateMetric, GateSpec, SloSpec } from '../model/gate.ts';
import { METRICS } from '../model/metrics.ts';
import type { Faults, ProxySpec, RequestSpec, TargetSpec } from '../model/plan.ts';
import { parseAmount } from './amounts.ts';
import { parseWholeMs } from './durations.ts';
import type { Path } from './fault.ts';
import { DEFAULT_GATE_METRICS, DEFAULT_MIN_EFFECT } from './gate-defaults.ts';
import { normalizeClaim } from './normalize-claim.ts';
import type { Scenario, ScenarioTool, ScenarioVariant } from './scenario.ts';
import type { ValidScenario } from './schema.ts';

/** Where a value stands in the text, from 1. */
type PlaceOf = (path: Path) => { line: number; column: number };

/** Durations as milliseconds and every short form written out. */
export function normalizeScenario(valid: ValidScenario, placeOf: PlaceOf): Scenario {
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
      ([variantName, { target: { proxy, ...target } = {}, request = {} }]): ScenarioVariant => ({
        name: variantName,
        target: { ...target, ...(proxy ? { proxy: normalizeProxy(proxy) } : {}) },
        request: request satisfies Partial<RequestSpec>,
      }),
    ),
    capture: typeof capture === 'string' ? capture : capture.mode,
    observe: { everyMs: toMs(observe.every), ...(observe.profile ? { profile: observe.profile } : {}) },
    ...(expect ? { expect } : {}),
    ...(valid.faults ? { faults: normalizeFaults(valid.faults) } : {}),
    slo: (valid.slo ?? []).map((slo, index) => normalizeSlo(slo, placeOf(['slo', index]))),
    ...(valid.gate ? { gate: normalizeGate(valid.gate) } : {}),
    claims: (valid.claims ?? []).map((claim, index) => normalizeClaim(claim, placeOf(['claims', index]))),
    probes: Object.entries(valid.probes ?? {}).map(([probeName, { command, cwd, reads, within }]) => ({
      name: probeName,
      command,
      cwd,
      reads,
      withinMs: toMs(within),
    })),
  };
}

function normalizeSlo(
  { metric, arm, max, min }: NonNullable<ValidScenario['slo']>[number],
  place: { line: number; column: number },
): SloSpec {
  const { unit } = METRICS[metric];
  return {
    metric,
    ...(arm === undefined ? {} : { arm }),
    ...(max === undefined ? {} : { max: toAmount(max, unit) }),
    ...(min === undefined ? {} : { min: toAmount(min, unit) }),
    ...place,
  };
}

/** With every default written out, so that a stored plan says what it was judged by. */
function normalizeGate(gate: NonNullable<ValidScenario['gate']>): GateSpec {
  const { base, head, control, arms, alpha } = gate;
  return {
    ...(base === undefined ? {} : { base }),
    ...(head === undefined ? {} : { head }),
    ...(control === undefined ? {} : { control }),
    ...(arms ? { arms } : {}),
    ...(gate.metrics ? { metricsAreNamed: true as const } : {}),
    metrics: (gate.metrics ?? DEFAULT_GATE_METRICS).map((written): GateMetric => {
      const own = typeof written === 'string' ? { metric: written } : written;
      const { unit } = METRICS[own.metric];
      return {
        metric: own.metric,
        maxRegression: toAmount(own.maxRegression ?? gate.maxRegression, 'ratio'),
        minEffect: own.minEffect === undefined ? DEFAULT_MIN_EFFECT[unit] : toAmount(own.minEffect, unit),
      };
    }),
    alpha,
  };
}

/** @throws when the amount is none that the checks accept */
function toAmount(written: string | number, unit: (typeof METRICS)[keyof typeof METRICS]['unit']): number {
  const amount = parseAmount(written, unit);
  if (amount === undefined) throw new Error(`not an amount of ${unit}: ${written}`);
  return amount;
}

type WrittenFault = NonNullable<ValidScenario['faults']>[number];

/** What is there all the time as one: of two entries that set the same, the later one counts. */
function normalizeFaults(list: readonly WrittenFault[]): Faults {
  const timed = list.filter(({ at }) => at !== undefined);
  const merged: WrittenFault = Object.assign({}, ...list.filter(({ at }) => at === undefined));
  const { loss, pause, openFiles, cpuLimit, ports, backlog, burners, burnerPin, captureBuffer } = merged;
  return {
    ...(loss === undefined ? {} : { loss: toPercent(loss) / 100 }),
    ...(typeof pause === 'object'
      ? { pause: { afterMs: toMs(pause.after), lengthMs: toMs(pause.length) } }
      : {}),
    ...(openFiles?.target === undefined ? {} : { targetOpenFiles: openFiles.target }),
    ...(openFiles?.tool === undefined ? {} : { toolOpenFiles: openFiles.tool }),
    ...(cpuLimit?.tool === undefined ? {} : { toolCpuLimit: toPercent(cpuLimit.tool) }),
    ...(ports === undefined ? {} : { ports }),
    ...(backlog === undefined ? {} : { backlog }),
    ...(burners === undefined ? {} : { burners }),
    ...(burnerPin === undefined ? {} : { burnerPin }),
    ...(captureBuffer === undefined ? {} : { captureBufferKib: captureBuffer }),
    ...(timed.length === 0 ? {} : { timeline: normalizeTimeline(timed) }),
  };
}

function normalizeTimeline(timed: readonly WrittenFault[]): TimedFault[] {
  return timed
    .map((written) => ({
      ...nameFault(written),
      atMs: toMs(written.at!),
      forMs: written.for === undefined ? 0 : toMs(written.for),
    }))
    .sort((a, b) => a.atMs - b.atMs)
    .map((fault, index) => ({ id: `${index + 1}-${fault.kind}`, ...fault }));
}

function nameFault({
  loss,
  pause,
  cpuLimit,
  delay,
  disk,
  dns,
  reset,
  restart,
}: WrittenFault): Pick<TimedFault, 'kind' | 'amount' | 'signal'> {
  if (cpuLimit?.target !== undefined) return { kind: 'cpu', amount: toPercent(cpuLimit.target) };
  if (pause !== undefined) return { kind: 'pause' };
  if (loss !== undefined) return { kind: 'loss', amount: toPercent(loss) / 100 };
  if (delay !== undefined) return { kind: 'delay', amount: toMs(delay) };
  if (disk !== undefined) return { kind: 'disk', amount: disk.writeRate };
  if (dns !== undefined) return { kind: 'dns' };
  if (reset !== undefined) return { kind: 'reset' };
  if (restart !== undefined) return { kind: 'restart', signal: restart === 'kill' ? 'SIGKILL' : 'SIGTERM' };
  throw new Error('an entry of the timeline without a fault');
}

function toPercent(text: string): number {
  return Number(text.replace('%', ''));
}

function normalizeTarget({
  ready,
  profile,
  cpuLimit,
  proxy,
  ...target
}: ValidScenario['target']): TargetSpec {
  return {
    ...target,
    ...(cpuLimit === undefined ? {} : { cpuLimit: toPercent(cpuLimit) }),
    ...(proxy ? { proxy: normalizeProxy(proxy) } : {}),
    ...(profile?.pprof === undefined ? {} : { profile: { pprof: profile.pprof } }),
    ...(profile?.inspector === undefined ? {} : { profile: { inspector: profile.inspector } }),
    ready: { ...(ready.path === undefined ? {} : { path: ready.path }), withinMs: toMs(ready.within) },
  };
}

function normalizeProxy({ delay, ...proxy }: NonNullable<ValidScenario['target']['proxy']>): ProxySpec {
  return { ...proxy, ...(delay === undefined ? {} : { delayMs: toMs(delay) }) };
}

function normalizeTool(tool: ValidScenario['tools'][number]): ScenarioTool {
  if (typeof tool === 'string') return { use: tool, name: tool };
  const { duration, ...rest } = tool;
  return {
    ...rest,
    name: tool.name ?? tool.use,
    ...(duration === undefined ? {} : { durationMs: toMs(duration) }),
  };
}

/** @throws when the text is none that the schema accepts */
function toMs(duration: string): number {
  const ms = parseWholeMs(duration);
  if (ms === undefined) throw new Error(`not a duration: ${duration}`);
  return ms;
}
