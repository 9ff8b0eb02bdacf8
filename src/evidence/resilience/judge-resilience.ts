import { formatAmount } from '../../gate/judge-cell.ts';
import type { FaultRecord, InjectedFault, TimedFault } from '../../model/fault.ts';
import type { SloSpec } from '../../model/gate.ts';
import { METRICS } from '../../model/metrics.ts';
import type { Arm } from '../../model/plan.ts';
import {
  type FaultReaction,
  GOLDEN_SIGNALS,
  type GoldenSignal,
  type Resilience,
  SIGNAL_UNIT,
  type SignalReaction,
} from '../../model/resilience.ts';
import type { TesterReport } from '../../model/tester-report.ts';
import { gradeFault, recoveryAfter } from './grade-fault.ts';
import {
  type Band,
  bandFrom,
  followSignal,
  isSeenIn,
  isWithin,
  type Phase,
  usualIn,
} from './judge-signal.ts';
import {
  type CpuAllowance,
  quotaOf,
  readErrors,
  readLatency,
  readSaturation,
  readThroughput,
  SIGNAL_NAME,
  type SignalSeries,
  type StreamEnds,
} from './signal-series.ts';

export interface ResilienceInput {
  arm: Arm;
  trialId: string;
  /** Unix time in ms at which the tool was started. */
  startedAtMs: number;
  faults: FaultRecord;
  /** Undefined for tools that report totals only. */
  report: Pick<TesterReport, 'window' | 'signals'> | undefined;
  samplesJson: string;
  /** CPUs that the target may use without any quota. */
  cpus: number;
  /** Promises of the scenario; those of other rows are passed over. */
  slo: readonly SloSpec[];
  /** The same faults in the evidence trial, with the Unix times in us at which SYNs were sent again. */
  wire?: { faults: FaultRecord; synAgainUs: readonly number[] };
}

/** The longest look at what was before a fault. Unit: s. Reason: thirty intervals. */
const BEFORE_S = 3;
/** The first moments of a load: connections are opened, code is compiled. Unit: s. */
const WARM_UP_S = 0.3;
const SHORTEST_BEFORE_S = 0.5;
/** A lost SYN is sent again after a second: what was sent again so long after a fault was still lost in it. Unit: s. */
const SENT_AGAIN_WITHIN_S = 1.5;

/** What the faults of one trial did to its row. */
export function judgeResilience(input: ResilienceInput): Resilience {
  const { arm, trialId, faults } = input;
  const timeline = arm.faults?.timeline ?? [];
  const all = readSeries(input);
  let before: Phase | undefined;
  let undisturbedFromS = all.windowS.fromS + WARM_UP_S;
  const reactions = timeline.map((fault, index): FaultReaction => {
    const injected = faults.injected.find(({ id }) => id === fault.id);
    const when = phaseOf(injected, input.startedAtMs, endOfLoadMs(input));
    if (!injected || !when) return describeAbsent(fault, injected);
    const untilS = Math.max(when.toS, nextStart(input, index + 1) ?? all.windowS.toS);
    const own = { fromS: Math.max(undisturbedFromS, when.fromS - BEFORE_S), toS: when.fromS };
    // Where the one before has left no time, what was usual before it still is.
    if (own.toS - own.fromS >= SHORTEST_BEFORE_S || before === undefined) before = own;
    const phases = { before, during: when, after: { fromS: when.toS, toS: untilS } };
    const signals = GOLDEN_SIGNALS.map((signal) => judgeSignal(signal, all, phases, input));
    const recovered = signals.map(({ recoveredAtS }) => recoveredAtS ?? 0);
    undisturbedFromS = Math.max(when.toS, ...recovered);
    return describeReaction(fault, injected, when, signals, input, untilS);
  });
  return { arm: arm.id, trial: trialId, faults: reactions };
}

interface AllSeries {
  windowS: Phase;
  /** Why there are no signals of the tool; undefined where there are. */
  blind: string | undefined;
  of: (signal: GoldenSignal, slo: SignalSlo | undefined) => SignalSeries | undefined;
}

function readSeries(input: ResilienceInput): AllSeries {
  const { arm, report, startedAtMs, samplesJson, faults, cpus } = input;
  const signals = report?.signals;
  const allowance: CpuAllowance = {
    cpus: Math.min(cpus, (arm.target.cpuLimit ?? Number.POSITIVE_INFINITY) / 100),
    quotas: (arm.faults?.timeline ?? []).flatMap((fault) => {
      const when = phaseOf(
        faults.injected.find(({ id }) => id === fault.id),
        startedAtMs,
        endOfLoadMs(input),
      );
      return fault.kind === 'cpu' && when ? [quotaOf(fault, when.fromS, when.toS)] : [];
    }),
  };
  const saturation = readSaturation(samplesJson, allowance);
  if (!report || !signals) {
    return {
      windowS: { fromS: 0, toS: arm.durationMs / 1000 },
      blind: `${arm.tool} reports totals only, and no signals over time`,
      of: (signal) => (signal === 'saturation' ? saturation : undefined),
    };
  }
  const offsetS = (report.window.startedAtMs - startedAtMs) / 1000;
  return {
    windowS: { fromS: offsetS, toS: offsetS + report.window.durationUs / 1e6 },
    blind: undefined,
    of(signal, slo) {
      switch (signal) {
        case 'errors':
          return readErrors(signals, offsetS, arm.stream === 'endless' ? arm.connections : undefined);
        case 'ttfe':
        case 'gap':
          return readLatency(signals, offsetS, signal, slo?.statistic ?? 'p99');
        case 'throughput':
          return readThroughput(signals, offsetS, slo?.completed ? 'completed' : 'events');
        case 'saturation':
          return saturation;
      }
    },
  };
}

function judgeSignal(
  signal: GoldenSignal,
  all: AllSeries,
  phases: { before: Phase; during: Phase; after: Phase },
  { arm, slo }: ResilienceInput,
): SignalReaction {
  const promise = findSlo(signal, arm, slo);
  const series = all.of(signal, promise);
  const base = { signal, unit: SIGNAL_UNIT[signal] };
  if (!series) {
    const reason =
      signal === 'saturation'
        ? 'the CPU of the target was not sampled'
        : (all.blind ?? 'it was not recorded');
    return { ...base, ...UNKNOWN, reason };
  }
  const values = {
    before: valueIn(series, phases.before, 'settled'),
    during: valueIn(series, phases.during),
    after: valueIn(series, phases.after),
  };
  const band: Band | string = promise
    ? { limit: promise.limit, side: promise.side, from: 'slo' }
    : bandFrom(signal, series, phases.before);
  if (typeof band === 'string') return { ...base, ...UNKNOWN, ...values, reason: band };
  const passage = followSignal(series, band, phases.during, phases.after.toS);
  if (passage.brokeAtS === null && !isSeenIn(series, phases.during, phases.after.toS)) {
    const reason = 'nothing was seen of it while the fault was there and within 1 s after';
    return { ...base, ...UNKNOWN, ...values, limit: tidy(band.limit), limitFrom: band.from, reason };
  }
  return {
    ...base,
    ...values,
    ...passage,
    limit: tidy(band.limit),
    limitFrom: band.from,
    verdict: passage.brokeAtS === null ? 'kept' : 'broken',
    brokeAtS: tidyTime(passage.brokeAtS),
    recoveredAtS: tidyTime(passage.recoveredAtS),
    worst: passage.worst === null ? null : tidy(passage.worst),
    reason: null,
  };
}

const UNKNOWN = {
  before: null,
  during: null,
  after: null,
  worst: null,
  limit: null,
  limitFrom: null,
  verdict: 'unknown',
  brokeAtS: null,
  recoveredAtS: null,
} as const;

/** The share of a whole phase for errors, the median over its intervals for everything else. */
function valueIn(
  series: SignalSeries | StreamEnds,
  phase: Phase,
  which: 'all' | 'settled' = 'all',
): number | null {
  if (!('failed' in series)) {
    const usual = usualIn(series, phase);
    return usual === null ? null : tidy(usual);
  }
  const indices = series.fromS.flatMap((_, index) => (isWithin(series, index, phase, which) ? [index] : []));
  const sum = (counts: readonly number[]): number => indices.reduce((all, index) => all + counts[index]!, 0);
  // Endless streams are the same ones in every interval.
  const of = indices.length === 0 ? 0 : (series.connections ?? sum(series.of));
  return of === 0 ? null : tidy(sum(series.failed) / of);
}

interface SignalSlo {
  limit: number;
  side: Band['side'];
  statistic?: 'p50' | 'p90' | 'p99' | 'max';
  /** Responses per second and not events. */
  completed?: boolean;
}

/** The first promise of the scenario that binds the row and is about the signal. */
function findSlo(signal: GoldenSignal, arm: Arm, slo: readonly SloSpec[]): SignalSlo | undefined {
  const name = arm.id.split('@')[0];
  return slo
    .filter((spec) => spec.arm === undefined || spec.arm === arm.id || spec.arm === name)
    .map((spec) => readSlo(signal, spec))
    .find((found) => found !== undefined);
}

function readSlo(signal: GoldenSignal, { metric, max, min }: SloSpec): SignalSlo | undefined {
  if (signal === 'errors') {
    const about = metric === 'failure_rate' || metric === 'timeout_rate';
    return about && max !== undefined ? { limit: max, side: 'above' } : undefined;
  }
  if (signal === 'throughput') {
    if (min === undefined) return undefined;
    if (metric === 'events_per_sec') return { limit: min, side: 'below' };
    return metric === 'requests_per_sec' ? { limit: min, side: 'below', completed: true } : undefined;
  }
  const statistic = new RegExp(`^${signal}_us_(p50|p90|p99|p999|max)$`).exec(metric)?.[1];
  if (statistic === undefined || max === undefined || METRICS[metric].unit !== 'us') return undefined;
  // Within 100 ms there are not a thousand samples: their 99.9th percentile is the greatest.
  return { limit: max, side: 'above', statistic: (statistic === 'p999' ? 'max' : statistic) as 'p50' };
}

function describeReaction(
  fault: TimedFault,
  injected: InjectedFault,
  when: Phase,
  signals: SignalReaction[],
  input: ResilienceInput,
  untilS: number,
): FaultReaction {
  const recoveryS = recoveryAfter(signals, when.toS);
  const grade = gradeFault(signals, when.toS);
  const lostUntilS = Math.min(untilS, when.toS + SENT_AGAIN_WITHIN_S);
  const sentAgain = countSentAgain(input, when.fromS, lostUntilS);
  const health = countHealth(input, when);
  const reaction = {
    ...describeFault(fault),
    state: injected.state,
    reason: injected.reason ?? null,
    startedAtS: tidyTime(when.fromS),
    endedAtS: tidyTime(when.toS),
    signals,
    health,
    ...sentAgain,
    wireSynRetransmissions: countOnWire(input, fault.id),
    recoveryS: tidyTime(recoveryS),
    grade,
  };
  const trouble = describeTrouble(injected);
  const sentence = writeSentence(reaction);
  return { ...reaction, sentence: trouble === undefined ? sentence : `${trouble}; ${sentence}` };
}

/** What went wrong with a fault that was there; undefined where nothing did. */
function describeTrouble({ state, reason, undoneMs }: InjectedFault): string | undefined {
  if (state === 'active') return 'it was not undone: the harness ended before';
  if (state !== 'failed') return undefined;
  return `${undoneMs === undefined ? 'could not be undone' : 'failed'}: ${reason ?? 'for no known reason'}`;
}

function describeFault(
  fault: TimedFault,
): Pick<FaultReaction, 'id' | 'kind' | 'what' | 'askedAtS' | 'askedForS'> {
  const { id, kind, atMs, forMs } = fault;
  return { id, kind, what: nameFault(fault), askedAtS: atMs / 1000, askedForS: forMs / 1000 };
}

/** What the fault is, in words. */
function nameFault({ kind, amount, signal }: TimedFault): string {
  switch (kind) {
    case 'cpu':
      return `target held to ${amount} % of one CPU`;
    case 'pause':
      return 'target stopped';
    case 'loss':
      return `${tidy((amount ?? 0) * 100)} % of packets lost`;
    case 'delay':
      return `data ${amount} ms late in each direction`;
    case 'disk':
      return `disk writes of the target held to ${amount} bytes/s`;
    case 'dns':
      return 'no answer from the name server';
    case 'reset':
      return 'connections reset';
    case 'restart':
      return `target ended by ${signal ?? 'a signal'} and started again`;
  }
}

function describeAbsent(fault: TimedFault, injected: InjectedFault | undefined): FaultReaction {
  const state = injected?.state ?? 'waiting';
  const reason = injected?.reason ?? 'the trial ended before its time came';
  return {
    ...describeFault(fault),
    state,
    reason,
    startedAtS: null,
    endedAtS: null,
    signals: [],
    health: null,
    synRetransmissions: null,
    retransmissions: null,
    wireSynRetransmissions: null,
    recoveryS: null,
    grade: null,
    sentence: `not injected: ${reason}`,
  };
}

/**
 * From the first step of injecting to the last of undoing; undefined for what never was there.
 * @param endOfLoadMs end of what nobody tried to undo: the harness was killed in it
 */
function phaseOf(
  injected: InjectedFault | undefined,
  startedAtMs: number,
  endOfLoadMs?: number,
): Phase | undefined {
  if (injected?.beganMs === undefined) return undefined;
  // The first step of a restart is its effect: the target has been told to end.
  if (injected.activeMs === undefined && injected.kind !== 'restart') return undefined;
  const endMs = injected.undoneMs ?? injected.endedMs ?? endOfLoadMs;
  if (endMs === undefined || endMs < injected.beganMs) return undefined;
  return { fromS: (injected.beganMs - startedAtMs) / 1000, toS: (endMs - startedAtMs) / 1000 };
}

/** Unix time in ms. */
function endOfLoadMs({ arm, report, startedAtMs }: ResilienceInput): number {
  return report ? report.window.startedAtMs + report.window.durationUs / 1000 : startedAtMs + arm.durationMs;
}

/** When the next fault that was really there began. */
function nextStart(input: ResilienceInput, from: number): number | undefined {
  const { arm, faults, startedAtMs } = input;
  return (arm.faults?.timeline ?? [])
    .slice(from)
    .map(({ id }) =>
      phaseOf(
        faults.injected.find((each) => each.id === id),
        startedAtMs,
        endOfLoadMs(input),
      ),
    )
    .find((when) => when !== undefined)?.fromS;
}

function countHealth({ faults, startedAtMs }: ResilienceInput, when: Phase): FaultReaction['health'] {
  const probes = faults.health.filter(({ atMs }) => {
    const atS = (atMs - startedAtMs) / 1000;
    return atS >= when.fromS && atS < when.toS;
  });
  if (probes.length === 0) return null;
  return {
    probes: probes.length,
    green: probes.filter(({ green }) => green).length,
    slowestMs: Math.max(...probes.map(({ tookMs }) => tookMs)),
  };
}

function countSentAgain(
  { faults, startedAtMs }: ResilienceInput,
  fromS: number,
  toS: number,
): Pick<FaultReaction, 'synRetransmissions' | 'retransmissions'> {
  const at = (s: number) => faults.network.findLast(({ atMs }) => (atMs - startedAtMs) / 1000 <= s);
  const first = at(fromS) ?? faults.network[0];
  const last = at(toS);
  const moved = (name: 'synRetransmissions' | 'retransmissions'): number | null => {
    const [from, to] = [first?.[name], last?.[name]];
    return from === undefined || to === undefined ? null : to - from;
  };
  return { synRetransmissions: moved('synRetransmissions'), retransmissions: moved('retransmissions') };
}

function countOnWire({ wire }: ResilienceInput, id: string): number | null {
  const injected = wire?.faults.injected.find((each) => each.id === id);
  const when = phaseOf(injected, 0);
  if (!wire || !when) return null;
  const nextMs = wire.faults.injected
    .map(({ beganMs }) => beganMs)
    .find((beganMs) => beganMs !== undefined && beganMs / 1000 > when.fromS);
  const untilS = Math.min(when.toS + SENT_AGAIN_WITHIN_S, (nextMs ?? Number.POSITIVE_INFINITY) / 1000);
  return wire.synAgainUs.filter((us) => us / 1e6 >= when.fromS && us / 1e6 < untilS).length;
}

function writeSentence({
  signals,
  recoveryS,
  grade,
  health,
  synRetransmissions,
}: Omit<FaultReaction, 'sentence'>): string {
  const broken = signals.filter(({ verdict }) => verdict === 'broken');
  const judged = signals.filter(({ verdict }) => verdict !== 'unknown').length;
  const share = `${judged} of ${signals.length} judged`;
  const parts: string[] = [];
  if (judged === 0) parts.push('no signal could be judged');
  else if (broken.length === 0) {
    parts.push(
      judged === signals.length
        ? 'every signal stayed within its band'
        : `no judged signal left its band (${share}${grade === null ? ', too little for a grade' : ''})`,
    );
  } else {
    const first = broken.toSorted((a, b) => a.brokeAtS! - b.brokeAtS!);
    parts.push(`broke ${first.map(describeBreak).join(', ')}`);
    const never = broken.filter(({ recoveredAtS }) => recoveredAtS === null);
    if (never.length > 0)
      parts.push(`not back within its band: ${never.map(({ signal }) => SIGNAL_NAME[signal]).join(', ')}`);
    else {
      const last = Math.max(...broken.map(({ recoveredAtS }) => recoveredAtS!));
      parts.push(
        recoveryS !== null && recoveryS >= 0.05
          ? `well again at ${last.toFixed(1)} s, ${recoveryS.toFixed(1)} s after its end`
          : `well again at ${last.toFixed(1)} s, by its end`,
      );
    }
    if (judged < signals.length)
      parts.push(`${share}${grade === null ? ', and not whether streams failed' : ''}`);
  }
  if (health && broken.length > 0 && health.green === health.probes) {
    const sent =
      (synRetransmissions ?? 0) > 0
        ? `, while ${synRetransmissions} packets of handshakes had to be sent again`
        : '';
    parts.push(`the health endpoint stayed green in all ${health.probes} probes${sent}`);
  } else if (health && health.green < health.probes) {
    parts.push(`the health endpoint failed ${health.probes - health.green} of ${health.probes} probes`);
  }
  return parts.join('; ');
}

function describeBreak({ signal, unit, worst, limit, brokeAtS }: SignalReaction): string {
  const side = signal === 'throughput' ? 'at least' : 'at most';
  return `${SIGNAL_NAME[signal]} at ${brokeAtS!.toFixed(1)} s (${formatAmount(worst!, unit)}, ${side} ${formatAmount(limit!, unit)} wanted)`;
}

/** Digits that a value of 100 ms can mean. */
function tidy(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(4));
}

function tidyTime(seconds: number): number;
function tidyTime(seconds: number | null): number | null;
function tidyTime(seconds: number | null): number | null {
  return seconds === null ? null : Math.round(seconds * 1000) / 1000;
}
