import { performance } from 'node:perf_hooks';
import { OUTCOME_MEANING, OUTCOMES, type Outcome } from '../model/outcome.ts';
import type { TesterTimeouts } from '../model/tester-report.ts';
import { LatencyRecorder } from './latency-recorder.ts';

const SERIES_INTERVAL_MS = 1000;

/** Milliseconds since the start of the process with fractions: the one clock of a load. */
export const clockMs: () => number = performance.now.bind(performance);

/** Everything a load counts, shared by its connections. Times are of `clockMs`. */
export class LoadTally {
  readonly startMs: number;
  /** End of the window; moved forward by an interrupt. */
  deadlineMs: number;
  /** When the read that is being parsed was returned by the kernel. */
  readAtMs = 0;

  attempted = 0;
  private readonly outcomes = new Float64Array(OUTCOMES.length);
  readonly statusCodes = new Float64Array(1000);
  readonly errors = new Map<string, number>();
  firstError: string | undefined;
  readonly timeouts: TesterTimeouts = { connect: 0, headers: 0, firstEvent: 0, idle: 0, deadline: 0 };
  completedInWindow = 0;
  events = 0;
  eventsTotal = 0;
  comments = 0;
  reads = 0;
  bytesReceived = 0;
  connectionsOpened = 0;
  /** Connections established now. */
  open = 0;
  /** Connection-milliseconds within the window, of connections that were closed. */
  openMs = 0;
  gaps = 0;
  duplicates = 0;
  rolledBack = 0;

  readonly connect = new LatencyRecorder();
  readonly ttfb = new LatencyRecorder();
  readonly ttfe = new LatencyRecorder();
  readonly gap = new LatencyRecorder();
  readonly stream = new LatencyRecorder();
  readonly deliveryLag = new LatencyRecorder();

  private readonly eventSeries: Float64Array;
  private readonly completedSeries: Float64Array;
  private readonly openSeries: Float64Array;
  private openSamples = 0;

  constructor(startMs: number, durationMs: number) {
    this.startMs = startMs;
    this.deadlineMs = startMs + durationMs;
    const intervals = Math.ceil(durationMs / SERIES_INTERVAL_MS);
    this.eventSeries = new Float64Array(intervals);
    this.completedSeries = new Float64Array(intervals);
    this.openSeries = new Float64Array(intervals);
  }

  /** Unix time of the read that is being parsed. */
  readAtUnixUs(): number {
    return (performance.timeOrigin + this.readAtMs) * 1000;
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

  countError(code: string, message: string): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
    this.firstError ??= message;
  }

  countEvents(count: number, atMs: number): void {
    this.eventsTotal += count;
    if (atMs >= this.deadlineMs) return;
    this.events += count;
    this.eventSeries[this.intervalOf(atMs)]! += count;
  }

  countCompleted(atMs: number): void {
    this.countOutcome('completed');
    if (atMs >= this.deadlineMs) return;
    this.completedInWindow++;
    this.completedSeries[this.intervalOf(atMs)]!++;
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

  series(): { intervalMs: number; events: number[]; completed: number[]; open: number[] } {
    const intervals = this.startedIntervals();
    return {
      intervalMs: SERIES_INTERVAL_MS,
      events: [...this.eventSeries.subarray(0, intervals)],
      completed: [...this.completedSeries.subarray(0, intervals)],
      open: [...this.openSeries.subarray(0, intervals)],
    };
  }

  private startedIntervals(): number {
    return Math.ceil((this.deadlineMs - this.startMs) / SERIES_INTERVAL_MS);
  }

  private intervalOf(atMs: number): number {
    return ((atMs - this.startMs) / SERIES_INTERVAL_MS) | 0;
  }
}
