import { buildArmEvidence } from '../../src/evidence/build-arm-evidence.ts';
import { buildTrialEvidence, type ToolSight } from '../../src/evidence/build-trial-evidence.ts';
import { WIRE_DEFINITIONS } from '../../src/evidence/definitions.ts';
import { PROFILE_DEFINITIONS } from '../../src/evidence/profile/definitions.ts';
import { known, type Reading, unknown } from '../../src/model/cell.ts';
import type {
  ArmEvidence,
  GoRuntimeCounters,
  TargetCounters,
  TrialEvidence,
} from '../../src/model/evidence.ts';
import { METRIC_IDS, type MetricId } from '../../src/model/metrics.ts';
import { OUTCOME_ROWS, type OutcomeRow } from '../../src/model/outcome.ts';
import type { Arm } from '../../src/model/plan.ts';
import type { ProfileEvidence, ProfileFigureId } from '../../src/model/profile.ts';
import type { ProcessRecord, RunRecord, TrialRecord } from '../../src/model/run-record.ts';
import type { ToolResult } from '../../src/model/tool.ts';
import type { WireEvidence, WireTrace } from '../../src/model/wire.ts';

const WIRE_METRICS = Object.keys(WIRE_DEFINITIONS) as (keyof WireEvidence)[];

/** An arm of 100 connections and finite streams; `overrides` win. */
export function makeArm(overrides: Partial<Arm> = {}): Arm {
  return {
    id: 'wrk',
    tool: 'wrk',
    target: { use: 'go-nethttp', env: {}, cwd: '/srv', ready: { withinMs: 20_000 }, metrics: '/metrics' },
    request: { method: 'GET', path: '/events?count=10&interval=5ms', headers: {} },
    stream: 'finite',
    connections: 100,
    durationMs: 30_000,
    timeoutMs: 5000,
    ...overrides,
  };
}

/** A finished measured trial that overran by 80 ms. */
export function makeRecord(overrides: Partial<TrialRecord> = {}): TrialRecord {
  return {
    id: 'r1-wrk',
    armId: 'wrk',
    kind: 'measured',
    round: 1,
    state: 'done',
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 30_000,
    argv: ['wrk', '-c', '100', 'http://127.0.0.1:40000/events'],
    exit: { code: 0, signal: null, overran: false, sent: [], startedAtMs: 0, wallMs: 30_080 },
    target: { name: 'go-nethttp', version: 'go1.24', isolated: true },
    files: [],
    ...overrides,
  };
}

/** CPU figures of a machine with time to spare; `overrides` win. */
export function makeProcess(overrides: Partial<ProcessRecord> = {}): ProcessRecord {
  return {
    windowMs: 30_080,
    toolCpuS: 6,
    targetCpuS: 15,
    toolBusiestThread: 0.2,
    targetBusiestThread: 0.3,
    toolCpuShare: 0.1,
    targetCpuShare: 0.25,
    idle: 0.5,
    softirq: 0.05,
    steal: 0,
    unaccounted: 0.02,
    cpus: 2,
    ...overrides,
  };
}

/** A tool that observes everything in `observes`, by default all there is. */
export function makeSight(
  observes: Iterable<MetricId | OutcomeRow> = [...METRIC_IDS, ...OUTCOME_ROWS],
): ToolSight {
  return { observes: new Set(observes), whyNot: (id) => `the tool cannot see ${id}` };
}

/** Wire figures given as plain values; all others are not observable. */
export function makeWire(
  values: Partial<Record<keyof WireEvidence, number | string | boolean>> = {},
): WireEvidence {
  return Object.fromEntries(
    WIRE_METRICS.map((id) => {
      const value = values[id];
      return [id, value === undefined ? unknown('not-observable', `no ${id} in this capture`) : known(value)];
    }),
  ) as unknown as WireEvidence;
}

/** Readings from plain numbers. */
function readingsOf<K extends string>(values: Partial<Record<K, number>>): Partial<Record<K, Reading>> {
  return Object.fromEntries(
    Object.entries<number | undefined>(values).flatMap(([id, value]) =>
      value === undefined ? [] : [[id, known(value)]],
    ),
  ) as Partial<Record<K, Reading>>;
}

export interface TrialParts {
  arm?: Arm;
  record?: Partial<TrialRecord>;
  metrics?: Partial<Record<MetricId, number>>;
  outcomes?: Partial<Record<OutcomeRow, number>>;
  events?: number;
  extra?: Record<string, unknown>;
  caveats?: string[];
  /** By default the tool sees exactly what is given. */
  observes?: Iterable<MetricId | OutcomeRow>;
  oneShot?: true;
  truth?: TargetCounters;
  goRuntime?: GoRuntimeCounters;
  wire?: WireEvidence;
  trace?: Partial<WireTrace>;
  upstream?: WireEvidence;
}

/** One trial as the evidence layer would build it from a tool that says what is given and nothing else. */
export function makeTrial(parts: TrialParts = {}): TrialEvidence {
  const { arm = makeArm(), metrics = {}, outcomes = {}, truth, wire } = parts;
  const result: ToolResult = {
    metrics: readingsOf<MetricId>(metrics),
    outcomes: readingsOf<OutcomeRow>(outcomes),
    caveats: parts.caveats ?? [],
    ...(parts.events === undefined ? {} : { events: known(parts.events) }),
    ...(parts.extra ? { extra: parts.extra } : {}),
  };
  const observes =
    parts.observes ?? ([...Object.keys(metrics), ...Object.keys(outcomes)] as (MetricId | OutcomeRow)[]);
  return buildTrialEvidence({
    arm,
    record: makeRecord({ id: `r1-${arm.id}`, armId: arm.id, ...parts.record }),
    result,
    tool: { ...makeSight(observes), ...(parts.oneShot ? { oneShot: true } : {}) },
    ...(truth ? { truth } : {}),
    ...(parts.goRuntime ? { goRuntime: parts.goRuntime } : {}),
    ...(wire ? { wire } : {}),
    ...(parts.trace ? { trace: makeTrace(parts.trace) } : {}),
    ...(parts.upstream ? { upstream: parts.upstream } : {}),
  });
}

function makeTrace(parts: Partial<WireTrace>): WireTrace {
  return { examples: {}, serverEnds: [], stalls: [], unfinished: [], unanswered: [], ...parts };
}

/** Figures of a profile given as plain values; all others were not asked for. */
function makeProfile(values: Partial<Record<ProfileFigureId, number>>): ProfileEvidence {
  const figures = Object.fromEntries(
    (Object.keys(PROFILE_DEFINITIONS) as ProfileFigureId[]).map((id) => {
      const value = values[id];
      return [id, value === undefined ? unknown('not-collected', `no ${id} was asked for`) : known(value)];
    }),
  ) as ProfileEvidence['figures'];
  return { trialId: 'profile-wrk', source: 'pprof', figures, hot: [], items: [] };
}

/** One measured trial without capture plus, where a wire is given, an evidence trial with it. */
export function makeArmEvidence(
  parts: TrialParts & {
    process?: Partial<ProcessRecord> | null;
    profile?: Partial<Record<ProfileFigureId, number>>;
  } = {},
): ArmEvidence {
  const { wire, process, trace, upstream, profile, ...measured } = parts;
  const arm = parts.arm ?? makeArm();
  const observed = process === null ? {} : { process: makeProcess(process) };
  const trials = [makeTrial({ ...measured, arm, record: { ...observed, ...parts.record } })];
  if (wire) {
    const record = {
      id: `evidence-${arm.id}`,
      kind: 'evidence' as const,
      round: 0,
      ...observed,
      ...parts.record,
    };
    trials.push(
      makeTrial({
        ...measured,
        arm,
        wire,
        record,
        ...(trace ? { trace } : {}),
        ...(upstream ? { upstream } : {}),
      }),
    );
  }
  const evidence = buildArmEvidence(arm, trials);
  return profile ? { ...evidence, profile: makeProfile(profile) } : evidence;
}

/** Figures of 100 connections on streams of 46 ms that a paced server makes. */
export const PACED: TrialParts = {
  metrics: { requests_per_sec: 2170, stream_us_p50: 45_900, stream_us_p99: 48_900, stream_us_mean: 46_050 },
  outcomes: { completed: 65_100 },
  truth: {
    connections: 102,
    requests: 65_200,
    streamsCompleted: 65_120,
    streamsClientClosed: 80,
    streamsReset: 0,
    streamsClosedEarly: 0,
    events: 651_900,
  },
  wire: makeWire({
    connections_opened: 101,
    probe_connections: 1,
    requests_sent: 6600,
    refused: 0,
    rst_by_server: 0,
    rst_by_client: 0,
    server_closed_mid_response: 0,
    server_wait_share: 0.01,
    transfer_share: 0.98,
    client_turn_share: 0.01,
    left_open: 0,
    dropped_by_kernel: 0,
    capture_complete: true,
    wire_ttfb_us_p50: 310,
    wire_ttfb_us_p99: 2200,
    handshake_us_p50: 45,
    request_bytes: Buffer.from(
      'GET /events?count=10&interval=5ms HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
    ).toString('base64'),
  }),
};

/** A run of the given arms; trials are those of the evidence given beside it. */
export function makeRun(
  arms: readonly Arm[],
  trials: readonly TrialRecord[],
  overrides: Partial<RunRecord> = {},
): RunRecord {
  return {
    schema: 'ssee-bench/run/1',
    harnessVersion: '0.1.0',
    scenario: { name: 'sse-100c', path: 'scenarios/sse-100c.yaml', sha256: 'ab'.repeat(32) },
    plan: {
      arms: [...arms],
      trials: trials.map(({ id, armId, kind, round, durationMs }) => ({
        id,
        armId,
        kind,
        round,
        durationMs,
        capture: 'off',
      })),
      warmupMs: 2000,
      rounds: 1,
      sampleEveryMs: 100,
      allowRemote: [],
    },
    environment: {
      cpuModel: 'AMD EPYC',
      cpus: 2,
      memoryBytes: 8 * 2 ** 30,
      kernel: '6.1.0',
      os: 'Debian GNU/Linux 12',
      node: '20.19.0',
      openFiles: 65_536,
      portRange: [32_768, 60_999],
      namespaces: true,
      user: 'root',
    },
    startedAt: '2026-01-01T00:00:00.000Z',
    state: 'done',
    problems: [],
    tools: Object.fromEntries(
      arms.map((arm) => [arm.tool, { available: true, path: `/usr/bin/${arm.tool}`, version: '4.1.0' }]),
    ),
    trials: [...trials],
    ...overrides,
  };
}
