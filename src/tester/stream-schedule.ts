import type { LoadOptions } from './load-options.ts';
import type { LoadTally } from './load-tally.ts';
import { type ArrivalSchedule, createArrivalSchedule } from './schedule/arrival-schedule.ts';

/** When the connections of a thread begin their streams. Times in ms of the load's clock. */
export interface StreamSchedule {
  /** How often `tick` wants to be called. */
  readonly tickMs: number;
  /** The window has begun: what is told from here on is in its time. */
  begin(): void;
  /** When the first stream of a connection begins; NEVER where `tick` calls it. */
  firstStart(slot: number): number;
  /** A stream of the connection has ended: when its next one begins, not before now; NEVER where `tick` calls it. */
  nextStart(slot: number, nowMs: number): number;
  /** A start that was told will not happen: the window is over. */
  cancelStart(): void;
  /** Open loop: when the stream that begins now was meant to begin. A closed loop has no such time: 0. */
  intendedStart(slot: number): number;
  tick(nowMs: number): void;
  /** The window is over: nothing more begins. */
  close(): void;
}

export const NEVER: number = Number.POSITIVE_INFINITY;

/** Which part of the load a thread does: connections `first`, `first + step`, ... of all. */
export interface Share {
  first: number;
  step: number;
}

export function createSchedule(
  options: LoadOptions,
  share: Share,
  tally: LoadTally,
  connections: number,
  start: (slot: number, nowMs: number) => void,
): StreamSchedule {
  return options.arrivals === undefined
    ? new ClosedLoop(options, share, tally)
    : new OpenLoop(
        createArrivalSchedule({ ...options.arrivals, share: { index: share.first, of: share.step } }),
        tally,
        connections,
        start,
      );
}

/** The next request follows the end of the last one, after the think time and as the rate allows. */
class ClosedLoop implements StreamSchedule {
  readonly tickMs: number;
  private readonly tally: LoadTally;
  private readonly share: Share;
  private readonly rampStepMs: number;
  private readonly thinkTimeMs: number;
  private readonly intervalMs: number;
  /** When the rate allows the next request of each connection. */
  private readonly pacedAtMs: Float64Array | null;

  constructor(options: LoadOptions, share: Share, tally: LoadTally) {
    const { connections, rampMs = 0, thinkTimeMs = 0, ratePerConnection } = options;
    this.tally = tally;
    this.share = share;
    this.rampStepMs = rampMs / connections;
    this.thinkTimeMs = thinkTimeMs;
    this.intervalMs = ratePerConnection === undefined ? 0 : 1000 / ratePerConnection;
    this.pacedAtMs = ratePerConnection === undefined ? null : new Float64Array(connections);
    this.tickMs = ratePerConnection === undefined ? NEVER : this.intervalMs / 10;
  }

  begin(): void {
    this.pacedAtMs?.fill(this.tally.startMs);
  }

  firstStart(slot: number): number {
    return this.tally.startMs + (this.share.first + slot * this.share.step) * this.rampStepMs;
  }

  nextStart(slot: number, nowMs: number): number {
    const nextMs = nowMs + this.thinkTimeMs;
    if (this.pacedAtMs === null) return nextMs;
    // Kept to a grid, so that late wake-ups do not lower the rate; what was missed is not made up for.
    const pacedMs = Math.max(this.pacedAtMs[slot]! + this.intervalMs, nowMs);
    this.pacedAtMs[slot] = pacedMs;
    return Math.max(pacedMs, nextMs);
  }

  cancelStart(): void {}

  intendedStart(): number {
    return 0;
  }

  tick(): void {}

  close(): void {}
}

/** Requests are due at times of their own; they wait in a queue while no connection is free. */
class OpenLoop implements StreamSchedule {
  readonly tickMs = 1;
  private readonly arrivals: ArrivalSchedule;
  private readonly tally: LoadTally;
  private readonly start: (slot: number, nowMs: number) => void;
  private readonly intendedMs: Float64Array;
  /** Free connections, the one used last on top: it is the likeliest to be open still. */
  private readonly idle: Int32Array;
  private idleCount: number;
  /** Intended times of requests that wait, in a ring. */
  private queue = new Float64Array(1024);
  private queueStart = 0;
  private queueLength = 0;
  private nextMs = NEVER;
  private closed = false;

  constructor(
    arrivals: ArrivalSchedule,
    tally: LoadTally,
    connections: number,
    start: (slot: number, nowMs: number) => void,
  ) {
    this.arrivals = arrivals;
    this.tally = tally;
    this.start = start;
    this.intendedMs = new Float64Array(connections);
    this.idle = Int32Array.from({ length: connections }, (_, index) => connections - 1 - index);
    this.idleCount = connections;
  }

  begin(): void {
    this.nextMs = this.tally.startMs + this.arrivals.next();
  }

  firstStart(): number {
    return NEVER;
  }

  nextStart(slot: number, nowMs: number): number {
    if (this.queueLength > 0 && !this.closed) {
      this.intendedMs[slot] = this.takeFromQueue();
      return nowMs;
    }
    this.idle[this.idleCount++] = slot;
    return NEVER;
  }

  cancelStart(): void {
    this.tally.unsentArrivals++;
  }

  intendedStart(slot: number): number {
    return this.intendedMs[slot]!;
  }

  tick(nowMs: number): void {
    const { tally } = this;
    while (!this.closed && this.nextMs <= nowMs && this.nextMs < tally.deadlineMs) {
      const intendedMs = this.nextMs;
      this.nextMs = tally.startMs + this.arrivals.next();
      tally.arrivals++;
      if (this.idleCount === 0) {
        this.putInQueue(intendedMs);
        continue;
      }
      const slot = this.idle[--this.idleCount]!;
      this.intendedMs[slot] = intendedMs;
      this.start(slot, nowMs);
    }
  }

  close(): void {
    this.closed = true;
    this.tally.unsentArrivals += this.queueLength;
    this.queueLength = 0;
  }

  private putInQueue(intendedMs: number): void {
    if (this.queueLength === this.queue.length) {
      const larger = new Float64Array(this.queue.length * 2);
      for (let index = 0; index < this.queueLength; index++) {
        larger[index] = this.queue[(this.queueStart + index) % this.queue.length]!;
      }
      this.queue = larger;
      this.queueStart = 0;
    }
    this.queue[(this.queueStart + this.queueLength) % this.queue.length] = intendedMs;
    this.queueLength++;
    if (this.queueLength > this.tally.longestQueue) this.tally.longestQueue = this.queueLength;
  }

  private takeFromQueue(): number {
    const intendedMs = this.queue[this.queueStart]!;
    this.queueStart = (this.queueStart + 1) % this.queue.length;
    this.queueLength--;
    return intendedMs;
  }
}
