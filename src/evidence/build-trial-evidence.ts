import { known, type Reading, readingValue, unknown } from '../model/cell.ts';
import type { GoRuntimeCounters, TargetCounters, TrialEvidence } from '../model/evidence.ts';
import { METRIC_IDS, type MetricId } from '../model/metrics.ts';
import { OUTCOME_ROWS, OUTCOMES, type OutcomeRow } from '../model/outcome.ts';
import type { Arm } from '../model/plan.ts';
import type { TrialRecord } from '../model/run-record.ts';
import type { ToolResult } from '../model/tool.ts';
import type { WireEvidence, WireTrace } from '../model/wire.ts';
import { clopperPearson } from '../stats/clopper-pearson.ts';
import { applyBodyVerdict, type BodyClaim, judgeBodies } from './unproven-bodies.ts';

/** What evidence has to know about a tool; every adapter fits. */
export interface ToolSight {
  observes: ReadonlySet<MetricId | OutcomeRow>;
  oneShot?: true;
  whyNot(id: MetricId | OutcomeRow): string;
}

export interface TrialInput {
  arm: Arm;
  record: TrialRecord;
  /** Undefined when the tool's output could not be read at all. */
  result: ToolResult | undefined;
  tool: ToolSight;
  truth?: TargetCounters;
  goRuntime?: GoRuntimeCounters;
  wire?: WireEvidence;
  trace?: WireTrace;
  upstream?: WireEvidence;
}

/** A reading of every metric and outcome of one trial, what the tool says joined with what was observed beside it. */
export function buildTrialEvidence(input: TrialInput): TrialEvidence {
  const { arm, record, result, truth, wire } = input;
  const outcomes = readOutcomes(input);
  const events = readEvents(input);
  let metrics = readMetrics(input, outcomes, events);
  const extra: Record<string, unknown> = { ...result?.extra };
  let contradiction: TrialEvidence['contradiction'];

  const claim = readBodyClaim(input, outcomes, metrics);
  if (claim) {
    const verdict = judgeBodies(claim, truth, wire);
    metrics = applyBodyVerdict(metrics, verdict, arm.tool);
    extra.bodyClaim = claim;
    if (verdict.kind === 'contradicted') contradiction = { by: verdict.by, share: verdict.share };
  }
  return {
    trialId: record.id,
    kind: record.kind,
    round: record.round,
    state: record.state,
    durationMs: record.durationMs,
    ...(input.tool.oneShot ? { oneShot: true } : {}),
    metrics,
    outcomes,
    events,
    caveats: [...(result?.caveats ?? [])],
    ...(record.process ? { process: record.process } : {}),
    ...(record.kernel ? { kernel: record.kernel } : {}),
    ...(record.target ? { target: record.target } : {}),
    ...(record.leftover ? { leftover: record.leftover } : {}),
    ...(truth ? { truth } : {}),
    ...(input.goRuntime ? { goRuntime: input.goRuntime } : {}),
    ...(wire ? { wire } : {}),
    ...(input.trace ? { trace: input.trace } : {}),
    ...(input.upstream ? { upstream: input.upstream } : {}),
    ...(result?.answers ? { answers: result.answers } : {}),
    ...(contradiction ? { contradiction } : {}),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

function readOutcomes({ arm, result, tool }: TrialInput): Record<OutcomeRow, Reading> {
  const outcomes = {} as Record<OutcomeRow, Reading>;
  for (const row of OUTCOME_ROWS) {
    outcomes[row] = result?.outcomes[row] ?? absentReading(row, arm, result, tool);
  }
  outcomes.unaccounted = balanceOutcomes(outcomes);
  return outcomes;
}

/** The rest of the conservation law. Needs every member: a sum over the visible ones would hide the blind spots. */
function balanceOutcomes(outcomes: Record<OutcomeRow, Reading>): Reading {
  if (!outcomes.attempted.known) {
    return unknown('not-observable', `needs the streams attempted: ${outcomes.attempted.detail}`);
  }
  const blind = OUTCOMES.filter((row) => !outcomes[row].known);
  if (blind.length > 0) {
    return unknown('not-observable', `needs every outcome, and ${blind.join(', ')} cannot be told`);
  }
  const sum = OUTCOMES.reduce((total, row) => total + (readingValue(outcomes[row]) ?? 0), 0);
  return known(outcomes.attempted.value - sum);
}

/** Events that reached the tool by its own count, else those that the target sent. */
function readEvents({ arm, result, truth }: TrialInput): Reading {
  if (result?.events?.known) return result.events;
  if (truth?.events !== undefined) {
    return known(truth.events, { note: `counted by the target; ${arm.tool} does not count events` });
  }
  return (
    result?.events ??
    unknown('not-observable', `${arm.tool} does not count events and the target was not asked`)
  );
}

function absentReading(
  id: MetricId | OutcomeRow,
  arm: Arm,
  result: ToolResult | undefined,
  tool: ToolSight,
): Reading {
  if (!tool.observes.has(id)) return unknown('not-observable', tool.whyNot(id));
  if (!result) return unknown('not-collected', `${arm.tool} left no readable output`);
  if (result.problem) return unknown('not-collected', result.problem);
  return unknown('no-samples', `${arm.tool} had no sample of it in this trial`);
}

function readMetrics(
  input: TrialInput,
  outcomes: Record<OutcomeRow, Reading>,
  events: Reading,
): Record<MetricId, Reading> {
  const { arm, record, result, tool, wire } = input;
  const metrics = {} as Record<MetricId, Reading>;
  for (const id of METRIC_IDS) metrics[id] = result?.metrics[id] ?? absentReading(id, arm, result, tool);
  if (hasFalseRate(input)) {
    metrics.requests_per_sec = unknown(
      'not-observable',
      `${arm.tool} counts finished responses, and the response of an endless stream never finishes`,
    );
  }
  for (const id of METRIC_IDS.filter((candidate) => /^(timeout_rate|failure_rate)/.test(candidate))) {
    metrics[id] = withInterval(metrics[id], outcomes);
  }
  if (!metrics.timeout_rate.known) {
    metrics.timeout_rate = rateOf(['no-headers', 'stalled'], outcomes, 'timeout_rate', metrics.timeout_rate);
  }
  if (!metrics.failure_rate.known) {
    metrics.failure_rate = rateOf(
      OUTCOMES.filter((row) => row !== 'completed' && row !== 'held'),
      outcomes,
      'failure_rate',
      metrics.failure_rate,
    );
  }
  metrics.overrun_s = readOverrun(record);
  metrics.tool_cpu_s = cpuReading(record.process?.toolCpuS, 'the tool');
  metrics.target_cpu_s = cpuReading(record.process?.targetCpuS, 'the target');
  metrics.tool_cpu_us_per_request = costPer(metrics.tool_cpu_s, countResponses(input, outcomes, metrics));
  metrics.tool_cpu_us_per_event = costPer(metrics.tool_cpu_s, events);
  metrics.tool_added_ttfb_us = added(metrics.ttfb_us_p50, wire?.wire_ttfb_us_p50, record);
  metrics.tool_added_ttfe_us = added(metrics.ttfe_us_p50, wire?.wire_ttfe_us_p50, record);
  return metrics;
}

/**
 * True where a tool that counts responses has met a stream without an end and says a number, or nothing at all: then
 * the stream is the reason, and a 0 would be a verdict on the server. A reason of the tool's own stands. A target that
 * did complete streams shows that the scenario is mistaken, and then the figure stands.
 */
function hasFalseRate({ arm, tool, truth, result }: TrialInput): boolean {
  if (arm.stream !== 'endless' || tool.observes.has('events_per_sec')) return false;
  if ((truth?.streamsCompleted ?? 0) > 0 || !tool.observes.has('requests_per_sec')) return false;
  return result?.metrics.requests_per_sec?.known ?? true;
}

/** A rate of counted streams gets its exact interval where the number of streams is known. */
function withInterval(reading: Reading, outcomes: Record<OutcomeRow, Reading>): Reading {
  const attempted = readingValue(outcomes.attempted);
  if (!reading.known || reading.interval || attempted === undefined || attempted === 0) return reading;
  const count = Math.min(attempted, Math.round(reading.value * attempted));
  return { ...reading, interval: clopperPearson(count, attempted) };
}

function rateOf(
  rows: readonly OutcomeRow[],
  outcomes: Record<OutcomeRow, Reading>,
  id: MetricId,
  absent: Reading,
): Reading {
  const attempted = readingValue(outcomes.attempted);
  const counts = rows.map((row) => readingValue(outcomes[row]));
  if (attempted === undefined || counts.some((count) => count === undefined)) return absent;
  if (attempted === 0) return unknown('no-samples', `no stream was attempted, so there is no ${id}`);
  const count = counts.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const aborted = rows.includes('client-aborted') ? (readingValue(outcomes['client-aborted']) ?? 0) : 0;
  return known(count / attempted, {
    interval: clopperPearson(Math.min(count, attempted), attempted),
    ...(aborted > 0 ? { note: `${aborted} of them healthy streams that the end of the run cut` } : {}),
  });
}

function readOverrun(record: TrialRecord): Reading {
  if (!record.exit) return unknown('not-collected', 'the tool was not started');
  if (record.exit.spawnError) return unknown('not-collected', record.exit.spawnError);
  return known(Math.max(0, record.exit.wallMs - record.durationMs) / 1000);
}

function cpuReading(seconds: number | undefined, whose: string): Reading {
  return seconds === undefined
    ? unknown('not-collected', `the CPU time of ${whose} was not observed in this trial`)
    : known(seconds);
}

function costPer(cpuS: Reading, count: Reading): Reading {
  if (!cpuS.known) return cpuS;
  if (!count.known) return count;
  if (count.value <= 0) return unknown('no-samples', 'there was nothing to divide the CPU time by');
  return known((cpuS.value * 1e6) / count.value, count.note ? { note: count.note } : {});
}

/** Completed responses by the tool's count, or worked out from its rate. */
function countResponses(
  { arm, record }: TrialInput,
  outcomes: Record<OutcomeRow, Reading>,
  metrics: Record<MetricId, Reading>,
): Reading {
  if (outcomes.completed.known) return outcomes.completed;
  const rate = metrics.requests_per_sec;
  if (!rate.known) return rate;
  if (!record.exit) return outcomes.completed;
  return known((rate.value * record.exit.wallMs) / 1000, {
    note: `responses worked out from the rate that ${arm.tool} prints`,
  });
}

function added(tool: Reading, wire: Reading | undefined, record: TrialRecord): Reading {
  if (record.kind !== 'evidence') {
    return unknown('not-collected', 'needs a capture, which only the evidence trial has');
  }
  if (!tool.known) return tool;
  if (!wire) return unknown('not-collected', 'the evidence trial has no capture');
  return wire.known ? known(tool.value - wire.value) : wire;
}

/** What a tool that does not check bodies says about them; undefined for every other tool. */
function readBodyClaim(
  { record, result }: TrialInput,
  outcomes: Record<OutcomeRow, Reading>,
  metrics: Record<MetricId, Reading>,
): BodyClaim | undefined {
  if (result?.extra?.bodyIntegrity !== 'unverified') return undefined;
  const reportedBreaks = countReportedBreaks(result.extra.errors);
  const counted = result.extra.claimedResponses;
  if (typeof counted === 'number') return { responses: counted, exact: true, reportedBreaks };
  if (outcomes.completed.known) return { responses: outcomes.completed.value, exact: true, reportedBreaks };
  const rate = readingValue(metrics.requests_per_sec);
  if (rate === undefined || !record.exit) return undefined;
  return { responses: Math.round((rate * record.exit.wallMs) / 1000), exact: false, reportedBreaks };
}

/** Of the errors that hey counts by kind, those that a server makes by ending a connection. */
function countReportedBreaks(errors: unknown): number {
  const { reset, closed } = (errors ?? {}) as Record<string, unknown>;
  return [reset, closed].reduce<number>((sum, count) => sum + (typeof count === 'number' ? count : 0), 0);
}
