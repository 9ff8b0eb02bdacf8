import { resolve } from 'node:path';
import type { AblationPlan } from '../model/ablation.ts';
import { UserError } from '../model/errors.ts';
import type { Arm, Plan, Trial } from '../model/plan.ts';
import type { ProfileKind, ProfilePlan } from '../model/profile.ts';
import { formatDuration } from '../model/units.ts';
import { applyVariant } from './apply-variant.ts';
import { suggestName } from './closest-name.ts';
import { explainUnfitDuration, LONGEST_MS, wholeMs } from './durations.ts';
import { isLoopback } from './loopback.ts';
import type { Scenario, ScenarioTool, ScenarioVariant } from './scenario.ts';
import { MAX_CONNECTIONS, MAX_ROUNDS } from './schema/load.ts';

/** Long enough for hundreds of requests at the paces that streams have, short beside the measured trials. */
const LONGEST_EVIDENCE_MS = 3000;
const SHORTEST_EVIDENCE_MS = 1000;

/** Until connections are open and the pace is that of the rest; and from the last profile to the end of the load. */
const PROFILE_MARGIN_MS = 500;
/** Hundreds of samples at the 100 per second and core of Go. */
const PROFILE_WINDOW_MS = 3000;
/** Of scenarios that are themselves no longer than a profile trial. */
const SHORT_PROFILE_WINDOW_MS = 1000;
/** Some megabytes at the highest rates, and a fifth of the speed while it lasts. */
const TRACE_MS = 1000;

/** Some hundred events of every connection at the paces that streams have; a request of ten headers has 22 variants. */
const ABLATION_SLICE_MS = 1000;
/** The fewest of which lowest and highest round are an interval of 95 %: all six fall on one side once in 32 times. */
const ABLATION_ROUNDS = 6;

export interface PlanOptions {
  /** Absolute folder of the scenario file: `cwd` is relative to it. */
  scenarioDir: string;
  /** Names of arms or tools to keep; all without it. */
  tools?: readonly string[];
  rounds?: number;
  durationMs?: number;
  connections?: number;
  /** Hosts outside loopback that may be put under load. */
  allowRemote?: readonly string[];
}

/**
 * Every decision about fairness: all arms get the same load, rounds are interleaved, and the order rotates so that
 * each arm is first, second, ... equally often when rounds are a multiple of arms.
 * @throws UserError for options that do not fit the scenario, and for a host that is not allowed
 */
export function planTrials(scenario: Scenario, options: PlanOptions): Plan {
  const rounds = checkNumber('--rounds', options.rounds ?? scenario.load.rounds, MAX_ROUNDS);
  const connections = checkNumber(
    '--connections',
    options.connections ?? scenario.load.connections,
    MAX_CONNECTIONS,
  );
  const tools = selectTools(scenario, options.tools);
  const durationMs = checkDuration(options.durationMs ?? scenario.load.durationMs, tools);
  const allowRemote = [...(options.allowRemote ?? [])];
  checkHost(scenario.target.url, allowRemote);

  const wanted = tools.flatMap((tool) =>
    variantsOf(scenario)
      .filter((variant) => isWanted(tool, variant, options.tools))
      .map((variant) => planArm(scenario, tool, variant, { connections, durationMs }, options.scenarioDir)),
  );
  const arms = dropReplays(wanted, options.tools);
  checkReplays(arms);
  checkTimeline(arms);
  const evidence = scenario.capture === 'off' ? [] : planEvidence(arms, scenario.capture);
  const replayed = new Set(arms.map((arm) => arm.replay));
  return {
    arms,
    trials: [
      // What is replayed must have been captured before.
      ...evidence.filter((trial) => replayed.has(trial.armId)),
      ...planMeasured(arms, rounds),
      ...evidence.filter((trial) => !replayed.has(trial.armId)),
      ...planAblations(arms),
      ...(scenario.observe.profile ? planProfiles(arms, durationMs, scenario.observe.profile) : []),
    ],
    warmupMs: scenario.load.warmupMs,
    rounds,
    sampleEveryMs: scenario.observe.everyMs,
    allowRemote,
    ...(scenario.expect ? { expect: scenario.expect } : {}),
    ...(scenario.slo.length > 0 ? { slo: scenario.slo } : {}),
    ...(scenario.gate ? { gate: scenario.gate } : {}),
    ...(scenario.claims.length > 0 ? { claims: scenario.claims } : {}),
    ...(scenario.probes.length > 0
      ? {
          probes: scenario.probes.map((probe) => ({
            ...probe,
            cwd: resolve(options.scenarioDir, probe.cwd),
          })),
        }
      : {}),
  };
}

function planArm(
  scenario: Scenario,
  tool: ScenarioTool,
  variant: ScenarioVariant | undefined,
  load: { connections: number; durationMs: number },
  scenarioDir: string,
): Arm {
  const { target, request } = variant
    ? applyVariant(scenario.target, scenario.request, variant)
    : { target: scenario.target, request: scenario.request };
  return {
    id: armId(tool.name, variant?.name),
    tool: tool.use,
    ...(variant ? { variant: variant.name } : {}),
    target: { ...target, cwd: resolve(scenarioDir, target.cwd) },
    request,
    stream: scenario.stream,
    connections: load.connections,
    durationMs: Math.min(load.durationMs, tool.durationMs ?? load.durationMs),
    timeoutMs: scenario.load.timeoutMs,
    ...(tool.rate === undefined ? {} : { ratePerConnection: tool.rate }),
    ...(tool.readRate === undefined ? {} : { readBytesPerSec: tool.readRate }),
    ...(scenario.load.pin ? { pin: scenario.load.pin } : {}),
    ...(tool.replay === undefined ? {} : { replay: armId(tool.replay, variant?.name) }),
    ...(tool.bare ? { bare: tool.bare } : {}),
    ...(tool.ablate === undefined ? {} : { ablate: tool.ablate }),
    ...(scenario.faults ? { faults: scenario.faults } : {}),
  };
}

/** Neither part can contain an `@`, so no two arms share an id, and it is safe as the name of a folder. */
function armId(name: string, variant: string | undefined): string {
  return variant === undefined ? name : `${name}@${variant}`;
}

function planMeasured(arms: readonly Arm[], rounds: number): Trial[] {
  return Array.from({ length: rounds }, (_, index) => index + 1).flatMap((round) => {
    const first = (round - 1) % arms.length;
    return [...arms.slice(first), ...arms.slice(0, first)].map(
      ({ id, durationMs }): Trial => ({
        id: `r${round}-${id}`,
        armId: id,
        kind: 'measured',
        round,
        durationMs,
        // An open packet socket alone costs some percent of the rate.
        capture: 'off',
      }),
    );
  });
}

/** Long enough for every fault of the timeline: what the packets say about it is evidence as well. */
function evidenceMs({ faults, durationMs }: Arm): number {
  if (faults?.timeline) return durationMs;
  const wholeSeconds = Math.floor(Math.min(durationMs, LONGEST_EVIDENCE_MS) / 1000) * 1000;
  return Math.max(SHORTEST_EVIDENCE_MS, wholeSeconds);
}

function planEvidence(arms: readonly Arm[], capture: Trial['capture']): Trial[] {
  return arms.map((arm) => ({
    id: `evidence-${arm.id}`,
    armId: arm.id,
    kind: 'evidence',
    round: 0,
    durationMs: evidenceMs(arm),
    capture,
  }));
}

function planAblations(arms: readonly Arm[]): Trial[] {
  return arms.flatMap(({ id, ablate, durationMs }): Trial[] => {
    if (ablate === undefined) return [];
    const sliceMs = Math.min(durationMs, ABLATION_SLICE_MS);
    const ablation: AblationPlan = { rounds: ABLATION_ROUNDS, sliceMs };
    return [
      {
        id: `ablation-${id}`,
        armId: id,
        kind: 'ablation',
        round: 0,
        durationMs: sliceMs,
        capture: 'off',
        ablation,
      },
    ];
  });
}

function planProfiles(arms: readonly Arm[], durationMs: number, kinds: ProfileKind[]): Trial[] {
  const long = durationMs >= PROFILE_WINDOW_MS + 2 * PROFILE_MARGIN_MS;
  const profile: ProfilePlan = {
    kinds,
    settleMs: PROFILE_MARGIN_MS,
    windowMs: long ? PROFILE_WINDOW_MS : SHORT_PROFILE_WINDOW_MS,
    traceMs: kinds.includes('trace') ? TRACE_MS : 0,
  };
  return arms.map(({ id }) => ({
    id: `profile-${id}`,
    armId: id,
    kind: 'profile',
    round: 0,
    durationMs: profile.windowMs + profile.traceMs + 2 * PROFILE_MARGIN_MS,
    capture: 'off',
    profile,
  }));
}

/** The tools of which at least one arm is wanted. */
function selectTools(scenario: Scenario, wanted: readonly string[] | undefined): ScenarioTool[] {
  const variants = variantsOf(scenario);
  const names = new Set(
    scenario.tools.flatMap((tool) => variants.flatMap((variant) => namesOf(tool, variant))),
  );
  for (const name of wanted ?? []) {
    if (names.has(name)) continue;
    const remedy = suggestName(name, names) || `; choose from ${[...names].join(', ')}`;
    throw new UserError(`--tools ${name}: the scenario has no such tool${remedy}`);
  }
  return scenario.tools.filter((tool) => variants.some((variant) => isWanted(tool, variant, wanted)));
}

function isWanted(
  tool: ScenarioTool,
  variant: ScenarioVariant | undefined,
  wanted: readonly string[] | undefined,
): boolean {
  return !wanted || namesOf(tool, variant).some((name) => wanted.includes(name));
}

/** What an arm can be called in --tools. */
function namesOf(tool: ScenarioTool, variant: ScenarioVariant | undefined): string[] {
  return [tool.name, tool.use, armId(tool.name, variant?.name)];
}

/** Undefined stands for the scenario as it is. */
function variantsOf(scenario: Scenario): (ScenarioVariant | undefined)[] {
  return scenario.variants.length > 0 ? scenario.variants : [undefined];
}

/** The scenario has been checked already: what does not fit comes from the command line. */
function checkNumber(option: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new UserError(`${option} ${value}: give a whole number from 1 to ${most}`);
}

function checkDuration(givenMs: number, tools: readonly ScenarioTool[]): number {
  const durationMs = wholeMs(givenMs);
  if (durationMs === undefined || durationMs < 1 || durationMs > LONGEST_MS) {
    throw new UserError(`--duration ${givenMs}ms: give whole milliseconds up to 24h, such as 5s`);
  }
  for (const { use } of tools) {
    const reason = explainUnfitDuration(use, durationMs);
    if (reason) {
      throw new UserError(
        `--duration ${formatDuration(durationMs)}: ${reason}; give whole seconds, or leave it out with --tools`,
      );
    }
  }
  return durationMs;
}

function checkHost(url: string | undefined, allowRemote: readonly string[]): void {
  if (url === undefined) return;
  const { hostname } = new URL(url);
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isLoopback(hostname) || allowRemote.some((host) => [hostname, bare].includes(host.toLowerCase())))
    return;
  throw new UserError(
    `host ${bare} is not loopback; add --allow-remote ${bare} if you may put it under load`,
  );
}

/** The file itself fits: what does not comes from --duration. */
function checkTimeline(arms: readonly Arm[]): void {
  for (const { faults, durationMs } of arms) {
    const last = faults?.timeline?.at(-1);
    if (!last || last.atMs + last.forMs < durationMs) continue;
    throw new UserError(
      `--duration ${formatDuration(durationMs)} ends before the fault ${last.id} is over; give more than ${formatDuration(last.atMs + last.forMs)}`,
    );
  }
}

/** `--tools ssee-tester` means the tester's own rows: a replay goes with what it replays, or is named itself. */
function dropReplays(arms: readonly Arm[], wanted: readonly string[] | undefined): Arm[] {
  return arms.filter(
    ({ id, replay, variant }) =>
      replay === undefined ||
      arms.some((arm) => arm.id === replay) ||
      wanted?.some((name) => id === armId(name, variant) || id === name),
  );
}

function checkReplays(arms: readonly Arm[]): void {
  for (const { id, replay } of arms) {
    if (replay === undefined || arms.some((arm) => arm.id === replay)) continue;
    throw new UserError(
      `${id} replays the requests of ${replay}, which --tools leaves out; add ${replay} to it`,
    );
  }
}
