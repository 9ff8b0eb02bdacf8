import { performance } from 'node:perf_hooks';
import type { HeadFinding } from '../model/head-finding.ts';
import { LLM_LATENCIES, type LlmCounts, type LlmLatencyId } from '../model/llm-report.ts';
import { OUTCOME_MEANING, OUTCOMES, type Outcome } from '../model/outcome.ts';
import type { TesterTimeouts } from '../model/tester-report.ts';
import { SequenceCounts } from '../sse/event-sequencer.ts';
import { addLlmCounts, LlmTally } from '../sse/llm-tally.ts';
import { SilenceAudit } from '../sse/silence-audit.ts';
import { type LatencyData, LatencyRecorder } from './latency-recorder.ts';
import { mergeSignals, type SignalData, SignalRecorder } from './signal-recorder.ts';

const SERIES_INTERVAL_MS = 1000;
const LLM_LATENCY_IDS = Object.keys(LLM_LATENCIES) as LlmLatencyId[];
/** Kinds of errors that are kept apart; a server that invents new ones must not fill the memory. */
const MOST_ERROR_KINDS = 100;

/** Milliseconds since the start of the thread with fractions: the one clock of a load. */
export const clockMs: () => number = performance.now.bind(performance);

/** What a load counts as plain numbers. Several tallies are added member by member. */
const COUNTERS = {
  attempted: 0,
  completedInWindow: 0,
  /** Before the deadline. */
  events: 0,
  eventsTotal: 0,
  comments: 0,
  reads: 0,
  bytesReceived: 0,
  connectionsOpened: 0,
  /** Connections established now. */
  open: 0,
  /** Connection-milliseconds within the window, of connections that were closed. */
  openMs: 0,
  /** Requests sent again because the server had dropped the kept connection between two responses. */
  staleReuses: 0,
  /** Streams that went on where another had broken off. */
  reconnects: 0,
  /** `retry` fields that were numbers, those of them above the limit, and those that were no numbers. */
  retries: 0,
  retriesOverLimit: 0,
  badRetries: 0,
  /** Comments of more than 256 characters or with control characters. */
  badComments: 0,
  /** Events of which no copy could be handed to the listener. */
  tapDropped: 0,
  /** Open loop: requests due in the window, those of them never sent, and when the queue was longest. */
  arrivals: 0,
  unsentArrivals: 0,
  longestQueue: 0,
};
export type Counters = { -readonly [Name in keyof typeof COUNTERS]: number };
const COUNTER_NAMES = Object.keys(COUNTERS) as (keyof Counters)[];

/** Latencies by what they measure; see `TesterReport.latencies` and the comments there. */
export const RECORDERS = [
  'connect',
  'ttfb',
  'ttfe',
  'gap',
  'stream',
  'deliveryLag',
  'headParse',
  'sendLateness',
  'responseTtfb',
  'responseTtfe',
  'responseStream',
  'recovery',
] as const;
export type RecorderName = (typeof RECORDERS)[number];

/** What ended a stream, for survival: everything else is censored. */
export const DEATHS = ['fin', 'rst', 'stall', 'protocol'] as const;
export type Death = (typeof DEATHS)[number];

/** What a silence audit found; NaN where there was nothing to measure. */
export interface SilenceFigures {
  longestSilenceMs: number;
  longestIsOpen: boolean;
  silencesOverLimit: number;
  longestCommentIntervalMs: number;
}

/** An `LlmTally` as data. */
export interface LlmData {
  counts: LlmCounts;
  latencies: Record<LlmLatencyId, LatencyData>;
  milliTokensPerSec: LatencyData;
}

/** A tally as data that can change threads. */
export interface TallyData {
  counters: Counters;
  outcomes: Float64Array;
  statusCodes: Float64Array;
  timeouts: TesterTimeouts;
  errors: [kind: string, count: number][];
  firstError?: string;
  latencies: Record<RecorderName, LatencyData>;
  /** Ages at which streams were lost, and at which they were last seen alive. */
  deaths: Record<Death | 'censored', LatencyData>;
  sequence: Record<keyof SequenceCounts, number>;
  silence: SilenceFigures;
  /** Of the first event stream; empty where none came. */
  headAudit: HeadFinding[];
  llm: LlmData | null;
  series: { events: Float64Array; completed: Float64Array; open: Float64Array };
  signals: SignalData | null;
}

/** Everything that the connections of one thread count. Times are of `clockMs`. */
export class LoadTally implements Counters {
  startMs = 0;
  /** Unix time of 0 on the load's clock. Read once: the getter costs more than all the rest of an event's lag. */
  private readonly originUnixUs = performance.timeOrigin * 1000;
  /** End of the window; moved forward by an interrupt. */
  deadlineMs = 0;
  /** When the read that is being parsed was returned by the kernel. */
  readAtMs = 0;

  attempted = 0;
  completedInWindow = 0;
  events = 0;
  eventsTotal = 0;
  comments = 0;
  reads = 0;
  bytesReceived = 0;
  connectionsOpened = 0;
  open = 0;
  openMs = 0;
  staleReuses = 0;
  reconnects = 0;
  retries = 0;
  retriesOverLimit = 0;
  badRetries = 0;
  badComments = 0;
  tapDropped = 0;
  arrivals = 0;
  unsentArrivals = 0;
  longestQueue = 0;

  private readonly outcomes = new Float64Array(OUTCOMES.length);
  readonly statusCodes = new Float64Array(1000);
  readonly errors = new Map<string, number>();
  firstError: string | undefined;
  readonly timeouts: TesterTimeouts = { connect: 0, headers: 0, firstEvent: 0, idle: 0, deadline: 0 };
  readonly sequence = new SequenceCounts();
  readonly silence: SilenceAudit;
  /** Null unless the streams are read as answers of a language model. */
  readonly llm: LlmTally<LatencyRecorder> | null;
  headAudit: HeadFinding[] = [];

  readonly connect = new LatencyRecorder();
  readonly ttfb = new LatencyRecorder();
  readonly ttfe = new LatencyRecorder();
  readonly gap = new LatencyRecorder();
  readonly stream = new LatencyRecorder();
  readonly deliveryLag = new LatencyRecorder();
  readonly headParse = new LatencyRecorder();
  readonly sendLateness = new LatencyRecorder();
  readonly responseTtfb = new LatencyRecorder();
  readonly responseTtfe = new LatencyRecorder();
  readonly responseStream = new LatencyRecorder();
  readonly recovery = new LatencyRecorder();
  readonly deaths: Record<Death | 'censored', LatencyRecorder> = {
    fin: new LatencyRecorder(),
    rst: new LatencyRecorder(),
    stall: new LatencyRecorder(),
    protocol: new LatencyRecorder(),
    censored: new LatencyRecorder(),
  };

  private readonly eventSeries: Float64Array;
  private readonly completedSeries: Float64Array;
  private readonly openSeries: Float64Array;
  private openSamples = 0;

  /** Null unless it was asked for; there from `begin` on. */
  signals: SignalRecorder | null = null;
  private readonly signalEveryMs: number | undefined;
  private readonly durationMs: number;

  /** Counts nothing before `begin`. */
  constructor(
    durationMs: number,
    options: { silenceLimitMs?: number; llm?: boolean; signalEveryMs?: number } = {},
  ) {
    this.silence = new SilenceAudit(options.silenceLimitMs);
    this.llm = options.llm ? new LlmTally(() => new LatencyRecorder()) : null;
    this.durationMs = durationMs;
    this.signalEveryMs = options.signalEveryMs;
    const intervals = Math.ceil(durationMs / SERIES_INTERVAL_MS);
    this.eventSeries = new Float64Array(intervals);
    this.completedSeries = new Float64Array(intervals);
    this.openSeries = new Float64Array(intervals);
  }

  /** The window begins. */
  begin(startMs: number): void {
    this.startMs = startMs;
    this.deadlineMs = startMs + this.durationMs;
    if (this.signalEveryMs !== undefined) {
      this.signals = new SignalRecorder(startMs, this.durationMs, this.signalEveryMs);
    }
  }

  /** Unix time of the read that is being parsed. */
  readAtUnixUs(): number {
    return this.originUnixUs + this.readAtMs * 1000;
  }

  countOutcome(outcome: Outcome): void {
    this.outcomes[OUTCOMES.indexOf(outcome)]!++;
  }

  /** A stream without a proper end; `held` is none of the failures. */
  countFailure(outcome: Outcome): void {
    this.countOutcome(outcome);
    if (outcome === 'held' || outcome === 'client-aborted') return;
    this.firstError ??= `${outcome}: ${OUTCOME_MEANING[outcome]}`;
  }

  outcome(outcome: Outcome): number {
    return this.outcomes[OUTCOMES.indexOf(outcome)]!;
  }

  countError(kind: string, message: string): void {
    const known = this.errors.has(kind) || this.errors.size < MOST_ERROR_KINDS;
    const key = known ? kind : 'other';
    this.errors.set(key, (this.errors.get(key) ?? 0) + 1);
    this.firstError ??= message;
  }

  countEvents(count: number, atMs: number): void {
    this.eventsTotal += count;
    if (atMs >= this.deadlineMs) return;
    this.events += count;
    this.eventSeries[this.intervalOf(atMs)]! += count;
    if (this.signals !== null) this.signals.countEvents(count, atMs);
  }

  countCompleted(atMs: number): void {
    this.countOutcome('completed');
    if (atMs >= this.deadlineMs) return;
    this.completedInWindow++;
    this.completedSeries[this.intervalOf(atMs)]!++;
    if (this.signals !== null) this.signals.countCompleted(atMs);
  }

  countOpened(): void {
    this.connectionsOpened++;
    this.open++;
  }

  countClosed(openedAtMs: number, atMs: number): void {
    if (atMs >= this.deadlineMs) this.sampleOpen(atMs);
    this.open--;
    this.openMs += Math.max(0, Math.min(atMs, this.deadlineMs) - openedAtMs);
  }

  /** Fill in the open connections of every interval that has ended; the last one ends with the window. */
  sampleOpen(atMs: number): void {
    const isOver = atMs >= this.deadlineMs;
    const due = isOver ? this.startedIntervals() : Math.floor((atMs - this.startMs) / SERIES_INTERVAL_MS);
    while (this.openSamples < due) this.openSeries[this.openSamples++] = this.open;
  }

  /** The window ends now: the interval in progress counts as one. */
  endWindow(atMs: number): void {
    this.deadlineMs = Math.min(this.deadlineMs, atMs);
    this.sampleOpen(this.deadlineMs);
  }

  /** Everything counted so far, without copying the arrays. */
  data(): TallyData {
    const intervals = this.startedIntervals();
    return {
      counters: pickCounters(this),
      outcomes: this.outcomes,
      statusCodes: this.statusCodes,
      timeouts: { ...this.timeouts },
      errors: [...this.errors],
      ...(this.firstError === undefined ? {} : { firstError: this.firstError }),
      latencies: mapNames(RECORDERS, (name) => this[name].data),
      deaths: mapNames([...DEATHS, 'censored'] as const, (death) => this.deaths[death].data),
      sequence: { ...this.sequence },
      silence: pickSilence(this.silence),
      headAudit: this.headAudit,
      llm: this.llm === null ? null : readLlm(this.llm),
      series: {
        events: this.eventSeries.slice(0, intervals),
        completed: this.completedSeries.slice(0, intervals),
        open: this.openSeries.slice(0, intervals),
      },
      signals: this.signals === null ? null : this.signals.data,
    };
  }

  private startedIntervals(): number {
    return Math.ceil((this.deadlineMs - this.startMs) / SERIES_INTERVAL_MS);
  }

  private intervalOf(atMs: number): number {
    return ((atMs - this.startMs) / SERIES_INTERVAL_MS) | 0;
  }
}

/** Length of the intervals of all series. */
export const TALLY_INTERVAL_MS: number = SERIES_INTERVAL_MS;

/** The buffers of a tally, to be moved to another thread instead of copied. */
export function transferablesOf(data: TallyData): ArrayBuffer[] {
  const arrays = [
    data.outcomes,
    data.statusCodes,
    ...Object.values(data.series),
    ...[
      ...Object.values(data.latencies),
      ...Object.values(data.deaths),
      ...(data.llm === null ? [] : [...Object.values(data.llm.latencies), data.llm.milliTokensPerSec]),
    ].flatMap((latency) => [latency.counts, latency.exact]),
  ];
  return arrays.map((array) => array.buffer as ArrayBuffer);
}

/** The tallies of all threads as one. */
export function mergeTallies(tallies: readonly TallyData[]): TallyData {
  const [first, ...others] = tallies;
  if (first === undefined) throw new Error('a load has at least one thread');
  if (others.length === 0) return first;
  const errors = new Map<string, number>();
  for (const [kind, count] of tallies.flatMap((tally) => tally.errors)) {
    errors.set(kind, (errors.get(kind) ?? 0) + count);
  }
  const firstError = tallies.find((tally) => tally.firstError !== undefined)?.firstError;
  const sumOf = <Name extends string>(
    names: readonly Name[],
    of: (tally: TallyData) => Record<Name, number>,
  ) => mapNames(names, (name) => tallies.reduce((sum, tally) => sum + of(tally)[name], 0));
  return {
    counters: sumOf(COUNTER_NAMES, (tally) => tally.counters),
    outcomes: addArrays(tallies.map((tally) => tally.outcomes)),
    statusCodes: addArrays(tallies.map((tally) => tally.statusCodes)),
    timeouts: sumOf(Object.keys(first.timeouts) as (keyof TesterTimeouts)[], (tally) => tally.timeouts),
    errors: [...errors],
    ...(firstError === undefined ? {} : { firstError }),
    latencies: mapNames(RECORDERS, (name) => addLatencies(tallies.map((tally) => tally.latencies[name]))),
    deaths: mapNames([...DEATHS, 'censored'] as const, (death) =>
      addLatencies(tallies.map((tally) => tally.deaths[death])),
    ),
    silence: tallies.map((tally) => tally.silence).reduce(worseSilence),
    llm: mergeLlm(tallies.flatMap((tally) => tally.llm ?? [])),
    headAudit: tallies.find((tally) => tally.headAudit.length > 0)?.headAudit ?? [],
    sequence: sumOf(Object.keys(first.sequence) as (keyof SequenceCounts)[], (tally) => tally.sequence),
    series: mapNames(['events', 'completed', 'open'] as const, (name) =>
      addArrays(tallies.map((tally) => tally.series[name])),
    ),
    signals: first.signals === null ? null : mergeSignals(tallies.flatMap((tally) => tally.signals ?? [])),
  };
}

function readLlm(llm: LlmTally<LatencyRecorder>): LlmData {
  return {
    counts: llm.counts,
    latencies: mapNames(LLM_LATENCY_IDS, (id) => llm.latencies[id].data),
    milliTokensPerSec: llm.milliTokensPerSec.data,
  };
}

function mergeLlm(parts: readonly LlmData[]): LlmData | null {
  if (parts.length === 0) return null;
  const sum = new LlmTally(() => new LatencyRecorder());
  for (const part of parts) {
    addLlmCounts(sum.counts, part.counts);
    for (const id of LLM_LATENCY_IDS) sum.latencies[id].add(part.latencies[id]);
    sum.milliTokensPerSec.add(part.milliTokensPerSec);
  }
  return readLlm(sum);
}

function pickSilence(audit: SilenceFigures): SilenceFigures {
  const { longestSilenceMs, longestIsOpen, silencesOverLimit, longestCommentIntervalMs } = audit;
  return { longestSilenceMs, longestIsOpen, silencesOverLimit, longestCommentIntervalMs };
}

function worseSilence(a: SilenceFigures, b: SilenceFigures): SilenceFigures {
  // Any number is longer than NaN.
  const longer = b.longestSilenceMs <= a.longestSilenceMs || Number.isNaN(b.longestSilenceMs) ? a : b;
  return {
    longestSilenceMs: longer.longestSilenceMs,
    longestIsOpen: longer.longestIsOpen,
    silencesOverLimit: a.silencesOverLimit + b.silencesOverLimit,
    longestCommentIntervalMs: Number.isNaN(a.longestCommentIntervalMs)
      ? b.longestCommentIntervalMs
      : Math.max(a.longestCommentIntervalMs, b.longestCommentIntervalMs || 0),
  };
}

function addLatencies(parts: readonly LatencyData[]): LatencyData {
  const sum = new LatencyRecorder();
  for (const part of parts) sum.add(part);
  return sum.data;
}

function addArrays(arrays: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(Math.max(...arrays.map((array) => array.length)));
  for (const array of arrays) for (let index = 0; index < array.length; index++) sum[index]! += array[index]!;
  return sum;
}

function pickCounters(source: Counters): Counters {
  return mapNames(COUNTER_NAMES, (name) => source[name]);
}

function mapNames<Name extends string, Value>(
  names: readonly Name[],
  of: (name: Name) => Value,
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<Name, Value>;
}

/** Final responses by status code, without those that did not occur. */
export function statusCodesOf({ statusCodes }: TallyData): Record<string, number> {
  const codes: Record<string, number> = {};
  statusCodes.forEach((count, status) => {
    if (count > 0) codes[status] = count;
  });
  return codes;
}
