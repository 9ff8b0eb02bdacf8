import { known, type Reading, readingValue, unknown } from '../model/cell.ts';
import type { ArmEvidence, GoRuntimeCounters, TargetCounters, TrialEvidence } from '../model/evidence.ts';
import { METRIC_IDS, type MetricId } from '../model/metrics.ts';
import { OUTCOME_ROWS, type OutcomeRow } from '../model/outcome.ts';
import type { Arm } from '../model/plan.ts';
import type { ProfileEvidence } from '../model/profile.ts';
import type { KernelRecord, ProcessRecord, TrialRecord } from '../model/run-record.ts';
import { formatDuration } from '../model/units.ts';
import { clopperPearson } from '../stats/clopper-pearson.ts';
import { formatUs } from '../stats/format-figure.ts';
import { median } from '../stats/median.ts';
import { buildProfileEvidence, type ReadProfiles } from './profile/build-profile-evidence.ts';
import { applyBodyVerdict, type BodyVerdict } from './unproven-bodies.ts';

/** Metrics that need a capture and therefore come from the evidence trial alone. */
const FROM_EVIDENCE_TRIAL: ReadonlySet<MetricId> = new Set(['tool_added_ttfb_us', 'tool_added_ttfe_us']);

/**
 * One arm from its trials: metrics are medians over the measured rounds, rates of streams and outcomes are pooled
 * over them, the wire is the evidence trial's. Finished trials only, unless there is none. The profile trial gives the
 * profile and nothing else, and is not among the arm's `trials`.
 */
export function buildArmEvidence(
  arm: Arm,
  all: readonly TrialEvidence[],
  profile?: ProfileInput,
): ArmEvidence {
  // Tracing costs a fifth of the speed: no rule is to judge by a trial that was slowed down like that.
  const trials = all.filter((trial) => trial.kind !== 'profile');
  const measured = representativeTrials(trials);
  const evidence = trials.find((trial) => trial.kind === 'evidence');
  const outcomes = {} as Record<OutcomeRow, Reading>;
  for (const row of OUTCOME_ROWS) outcomes[row] = sumReadings(measured.map((trial) => trial.outcomes[row]));
  const metrics = readMetrics(arm, measured, evidence);
  const wire = evidence?.wire
    ? { ...evidence.wire, observer_ratio: readObserverRatio(evidence, measured, arm) }
    : undefined;
  const truth = sumTruth(measured);
  const goRuntime = medianRuntime(measured);
  const kernel = sumKernel(measured);
  const profiled = profile && readProfile(arm, all, measured, profile);
  return {
    arm,
    metrics,
    outcomes,
    process: medianProcess(measured),
    ...(wire ? { wire } : {}),
    ...(evidence?.trace ? { trace: evidence.trace } : {}),
    ...(evidence?.upstream ? { upstream: evidence.upstream } : {}),
    ...(kernel ? { kernel } : {}),
    ...(truth ? { truth } : {}),
    ...(goRuntime ? { goRuntime } : {}),
    ...(profiled ? { profile: profiled } : {}),
    trials,
  };
}

/** The record of an arm's profile trial and what its files say. */
export interface ProfileInput {
  record: TrialRecord;
  profiles: ReadProfiles;
}

function readProfile(
  arm: Arm,
  all: readonly TrialEvidence[],
  measured: readonly TrialEvidence[],
  { record, profiles }: ProfileInput,
): ProfileEvidence | undefined {
  const trial = all.find(({ trialId }) => trialId === record.id);
  const ratio = trial
    ? readObserverRatio(trial, measured, arm)
    : unknown('not-collected', 'the profile trial left no result to compare');
  return buildProfileEvidence(record, profiles, ratio);
}

/** The trials that an arm's figures rest on: measured and finished, or cut-off ones where there is nothing better. */
export function representativeTrials(trials: readonly TrialEvidence[]): TrialEvidence[] {
  const measured = trials.filter((trial) => trial.kind === 'measured');
  const done = measured.filter((trial) => trial.state === 'done');
  return done.length > 0 ? done : measured;
}

function readMetrics(
  arm: Arm,
  measured: readonly TrialEvidence[],
  evidence: TrialEvidence | undefined,
): Record<MetricId, Reading> {
  const metrics = {} as Record<MetricId, Reading>;
  for (const id of METRIC_IDS) {
    if (FROM_EVIDENCE_TRIAL.has(id)) {
      metrics[id] =
        evidence?.metrics[id] ?? unknown('not-collected', 'needs an evidence trial with a capture');
    } else if (/^(timeout_rate|failure_rate)/.test(id)) {
      metrics[id] = pooledRate(id, measured);
    } else {
      metrics[id] = medianReading(measured.map((trial) => trial.metrics[id]));
    }
  }
  const contradicted = findContradiction(measured, evidence);
  return contradicted ? applyBodyVerdict(metrics, contradicted, arm.tool) : metrics;
}

/**
 * One contradicted round takes the figures of the others with it: they come from the same tool under the same load,
 * and a median over the rounds that happened to be believed would hide that it was caught. The evidence trial speaks
 * only where nobody witnessed the measured ones.
 */
function findContradiction(
  measured: readonly TrialEvidence[],
  evidence: TrialEvidence | undefined,
): Extract<BodyVerdict, { kind: 'contradicted' }> | undefined {
  const round = measured.find((trial) => trial.contradiction);
  if (round?.contradiction) {
    const { by } = round.contradiction;
    return { kind: 'contradicted', ...round.contradiction, by: `in ${round.trialId} ${by}` };
  }
  const witnessed = measured.some((trial) => trial.truth?.streamsCompleted !== undefined);
  if (witnessed || !evidence?.contradiction) return undefined;
  const { by } = evidence.contradiction;
  return { kind: 'contradicted', ...evidence.contradiction, by: `in the evidence trial ${by}` };
}

/**
 * Median of the rounds that have a value, whole where they all are, with a note where some have none; where none has,
 * the reason of the first.
 */
function medianReading(readings: readonly Reading[]): Reading {
  const seen = readings.filter((reading) => reading.known);
  const value = median(seen.map((reading) => reading.value));
  if (value === undefined) return firstAbsence(readings);
  const first = seen[0]!;
  const note = joinNotes(first.note, describeRounds(seen.length, readings.length));
  if (seen.length === 1) return { ...first, ...note };
  const rounded = seen.every((reading) => Number.isInteger(reading.value)) ? Math.round(value) : value;
  return known(rounded, note);
}

/** `2 of 3 rounds`; undefined where it is all of them. */
function describeRounds(seen: number, all: number): string | undefined {
  return seen < all ? `${seen} of ${all} rounds` : undefined;
}

function joinNotes(...notes: (string | undefined)[]): { note?: string } {
  const note = notes.filter((part) => part !== undefined).join('; ');
  return note === '' ? {} : { note };
}

function firstAbsence(readings: readonly Reading[]): Reading {
  const absent = readings.find((reading) => !reading.known);
  return absent ?? unknown('not-collected', 'no measured trial was executed');
}

/** Streams of all rounds together, so that the interval is that of all streams; a median where counts are unknown. */
function pooledRate(id: MetricId, measured: readonly TrialEvidence[]): Reading {
  const parts = measured.flatMap((trial) => {
    const rate = readingValue(trial.metrics[id]);
    const attempted = readingValue(trial.outcomes.attempted);
    return rate === undefined || attempted === undefined
      ? []
      : [{ count: Math.round(rate * attempted), attempted }];
  });
  const readings = measured.map((trial) => trial.metrics[id]);
  const attempted = parts.reduce((sum, part) => sum + part.attempted, 0);
  if (parts.length < readings.filter((reading) => reading.known).length || attempted === 0) {
    return medianReading(readings);
  }
  const count = Math.min(
    attempted,
    parts.reduce((sum, part) => sum + part.count, 0),
  );
  const note = readings.find((reading) => reading.known)?.note;
  return known(count / attempted, {
    interval: clopperPearson(count, attempted),
    ...joinNotes(measured.length === 1 ? note : undefined, describeRounds(parts.length, measured.length)),
  });
}

/** Known only when every round knows it: a sum over some rounds would look like a loss. */
function sumReadings(readings: readonly Reading[]): Reading {
  const absent = readings.find((reading) => !reading.known);
  if (absent || readings.length === 0) return firstAbsence(readings);
  const note = readings.find((reading) => reading.known && reading.note);
  return known(
    readings.reduce((sum, reading) => sum + (readingValue(reading) ?? 0), 0),
    note?.known && note.note ? { note: note.note } : {},
  );
}

function medianProcess(measured: readonly TrialEvidence[]): ArmEvidence['process'] {
  const records = measured.flatMap((trial) => (trial.process ? [trial.process] : []));
  const keys = new Set(records.flatMap((record) => Object.keys(record) as (keyof ProcessRecord)[]));
  const out: ArmEvidence['process'] = {};
  for (const key of [...keys].sort()) {
    const value = median(records.flatMap((record) => record[key] ?? []));
    if (value !== undefined) out[key] = value;
  }
  return out;
}

/** Counters of all rounds together; those of shared loopback stay marked as such. */
function sumKernel(measured: readonly TrialEvidence[]): KernelRecord | undefined {
  const all = measured.flatMap((trial) => (trial.kernel ? [trial.kernel] : []));
  const first = all[0];
  if (!first || all.length < measured.length) return undefined;
  const counters: Record<string, number> = {};
  for (const record of all) {
    for (const [name, value] of Object.entries(record.counters))
      counters[name] = (counters[name] ?? 0) + value;
  }
  const sockets = all
    .flatMap((record) => record.sockets ?? [])
    .sort((a, b) => b.acceptQueueMax - a.acceptQueueMax || b.closeWaitMax - a.closeWaitMax)[0];
  return {
    isolated: all.every((record) => record.isolated),
    counters,
    ...(sockets ? { sockets } : {}),
    ...(first.settings ? { settings: first.settings } : {}),
  };
}

/** Sums; a counter that some round lacks is left out. Quantiles cannot be added: the median round speaks for them. */
function sumTruth(measured: readonly TrialEvidence[]): TargetCounters | undefined {
  const all = measured.flatMap((trial) => (trial.truth ? [trial.truth] : []));
  if (all.length === 0 || all.length < measured.length) return undefined;
  const sum: TargetCounters = {};
  for (const key of Object.keys(all[0]!) as (keyof TargetCounters)[]) {
    if (key === 'headerParse') continue;
    const values = all.flatMap((truth) => truth[key] ?? []);
    if (values.length === all.length) sum[key] = values.reduce((total, value) => total + value, 0);
  }
  const parses = all.flatMap((truth) => truth.headerParse ?? []);
  if (parses.length === all.length) {
    sum.headerParse = {
      count: parses.reduce((total, parse) => total + parse.count, 0),
      p50Us: median(parses.map((parse) => parse.p50Us))!,
      p99Us: median(parses.map((parse) => parse.p99Us))!,
      meanUs: median(parses.map((parse) => parse.meanUs))!,
    };
  }
  return sum;
}

/**
 * Each figure's median. Without one that some round lacks: where nobody asked for collections, rounds that say nothing of
 * them may have had none.
 */
function medianRuntime(measured: readonly TrialEvidence[]): GoRuntimeCounters | undefined {
  const all = measured.flatMap((trial) => trial.goRuntime ?? []);
  const [first] = all;
  if (!first || all.length < measured.length) return undefined;
  const out = { ...first };
  for (const key of Object.keys(first) as (keyof GoRuntimeCounters)[]) {
    const values = all.flatMap((runtime) => runtime[key] ?? []);
    if (values.length === all.length) out[key] = median(values)!;
    else delete out[key as 'gcCycles'];
  }
  return out;
}

/**
 * Share of the evidence trial that one stream may last for its completed streams to have a rate. Unit: ratio. Reason:
 * streams begin together and those cut by the end are not counted, which costs up to one in ten here and every one
 * where a stream is as long as the trial. Doubt: the bias of a tenth is as large as the observer effect itself, so a
 * ratio near the limit is rough.
 */
const LONG_STREAM_SHARE = 0.1;

interface ComparableRate {
  name: string;
  of(trial: TrialEvidence): number | undefined;
}

const REQUESTS: ComparableRate = {
  name: 'requests/s',
  of: (trial) => readingValue(trial.metrics.requests_per_sec),
};
const EVENTS: ComparableRate = {
  name: 'events/s',
  of: (trial) => readingValue(trial.metrics.events_per_sec),
};
/** Counted over the whole run of the tool: right only where streams flow all the time. */
const OVER_THE_WINDOW: readonly ComparableRate[] = [
  { name: 'bytes/s', of: (trial) => perSecond(readingValue(trial.metrics.bytes_received), trial) },
  { name: "the target's events/s", of: (trial) => perSecond(trial.truth?.events, trial) },
];

function perSecond(count: number | undefined, trial: TrialEvidence): number | undefined {
  const windowMs = trial.process?.windowMs;
  return count === undefined || windowMs === undefined || windowMs <= 0
    ? undefined
    : (count * 1000) / windowMs;
}

/**
 * Rate of the trial with capture or profile / median rate of those without, by the first rate that both have.
 * @param watched the trial whose observers are to be judged
 */
function readObserverRatio(watched: TrialEvidence, measured: readonly TrialEvidence[], arm: Arm): Reading {
  const finite = arm.stream === 'finite';
  if (finite && watched.oneShot) {
    return unknown('no-samples', `${arm.tool} runs each stream once, so there is no rate to compare`);
  }
  const long = finite ? describeLongStreams(watched, measured) : undefined;
  const rates = long === undefined ? [...(finite ? [REQUESTS] : []), EVENTS, ...OVER_THE_WINDOW] : [EVENTS];
  for (const { name, of } of rates) {
    const observed = of(watched);
    const plain = median(measured.flatMap((trial) => of(trial) ?? []));
    if (observed === undefined || plain === undefined || plain <= 0) continue;
    if (observed > 0) return known(observed / plain, { note: `of ${name}` });
    return unknown('no-samples', `there were no ${name} in the ${watched.kind} trial`);
  }
  if (long !== undefined) {
    return unknown('no-samples', `${long}, and ${arm.tool} has no rate of events to compare instead`);
  }
  return unknown('not-observable', `no rate is known in both the ${watched.kind} and the measured trials`);
}

/** Why the completed streams of the watched trial have no rate; undefined where they have one. */
function describeLongStreams(watched: TrialEvidence, measured: readonly TrialEvidence[]): string | undefined {
  const streamUs = median(
    [watched, ...measured].flatMap((trial) => readingValue(trial.metrics.stream_us_p50) ?? []),
  );
  const trialText = `the ${watched.kind} trial of ${formatDuration(watched.durationMs)}`;
  if (streamUs !== undefined && streamUs > LONG_STREAM_SHARE * watched.durationMs * 1000) {
    return `streams last ${formatUs(streamUs)}, too long to be counted in ${trialText}`;
  }
  return REQUESTS.of(watched) === 0 ? `no stream was completed in ${trialText}` : undefined;
}
