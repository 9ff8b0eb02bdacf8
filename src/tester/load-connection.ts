import { connect, type Socket } from 'node:net';
import { ResponseParser, type ResponseVisitor } from '../http/response-parser.ts';
import type { Outcome } from '../model/outcome.ts';
import type { TesterTimeouts } from '../model/tester-report.ts';
import { EventParser } from '../sse/event-parser.ts';
import { EventMeter } from './event-meter.ts';
import type { LoadOptions } from './load-options.ts';
import { clockMs, type LoadTally } from './load-tally.ts';

/** What the connections of one thread share. */
export interface LoadContext {
  readonly options: LoadOptions;
  readonly tally: LoadTally;
  /** The request with one character per byte: Node writes short strings from its stack, without a buffer to pin. */
  readonly requestText: string;
  /** All sockets of the thread read into this one: a read is parsed before the next one begins. */
  readonly readBuffer: Buffer;
  /** When each connection wants `onDue`, by slot: one scan over an array instead of a timer per connection. */
  readonly dueMs: Float64Array;
  /** The connection has no stream in flight and starts no other. */
  onRetired(): void;
}

/** Between streams: the next one is due at `dueMs`. */
const WAITING = 0;
const CONNECTING = 1;
const AWAITING_HEAD = 2;
const AWAITING_EVENT = 3;
const STREAMING = 4;
/** The outcome is http-error already; the body is read to its end so that the connection can be kept. */
const ERROR_BODY = 5;
const RETIRED = 6;

const NEVER = Number.POSITIVE_INFINITY;
const FIRST_BACKOFF_MS = 10;
const LONGEST_BACKOFF_MS = 1000;

/**
 * One of the load's connections: a closed loop of streams over a socket that is replaced when it ends. Every stream
 * that is begun gets exactly one outcome.
 */
export class LoadConnection implements ResponseVisitor {
  private readonly context: LoadContext;
  private readonly slot: number;
  private readonly response: ResponseParser;
  private readonly events: EventParser;
  private readonly meter: EventMeter;
  private socket: Socket | null = null;
  private connected = false;
  private phase = WAITING;
  private connectAtMs = 0;
  private openedAtMs = 0;
  private requestAtMs = 0;
  private lastEventAtMs = 0;
  /** When the rate allows the next request. */
  private pacedAtMs = 0;
  private awaitsFirstByte = false;
  private parsesEvents = false;
  /** The response in progress ended within the read that is being parsed. */
  private ended = false;
  /** Connection-level failures since the last head. */
  private failures = 0;
  private jitter: number;

  constructor(context: LoadContext, slot: number) {
    const { options, tally } = context;
    this.context = context;
    this.slot = slot;
    this.jitter = slot + 1;
    this.meter = new EventMeter(tally);
    this.events = new EventParser(this.meter, options.eventLimits);
    this.response = new ResponseParser(this, {
      toHead: options.toHead,
      ...(options.responseLimits && { limits: options.responseLimits }),
    });
    context.dueMs[slot] = tally.startMs;
  }

  /** Something is due: the next stream or the verdict over the one in flight. */
  onDue(nowMs: number): void {
    switch (this.phase) {
      case WAITING:
        if (nowMs >= this.context.tally.deadlineMs) this.retire(nowMs);
        else this.startStream(nowMs);
        return;
      case CONNECTING:
        this.timeOut('no-headers', 'connect', nowMs);
        return;
      case AWAITING_HEAD:
        this.timeOut('no-headers', 'headers', nowMs);
        return;
      case AWAITING_EVENT:
        this.timeOut('stalled', 'firstEvent', nowMs);
        return;
      case STREAMING:
        this.timeOut('stalled', 'idle', nowMs);
        return;
      case ERROR_BODY:
        this.failStream('http-error', nowMs);
        return;
    }
  }

  /** The window is over: no new streams. What is in flight goes on if it is finite and `drains`. */
  onDeadline(nowMs: number, drains: boolean): void {
    if (this.phase === RETIRED) return;
    if (this.phase === WAITING) {
      this.retire(nowMs);
      return;
    }
    // Due and not judged yet only because the scan comes second.
    if (this.context.dueMs[this.slot]! <= nowMs) {
      this.onDue(nowMs);
      return;
    }
    if (this.phase === ERROR_BODY) {
      if (!drains) this.failStream('http-error', nowMs);
      return;
    }
    if (this.context.options.stream === 'endless') {
      const isOpen = this.phase === AWAITING_EVENT || this.phase === STREAMING;
      this.failStream(isOpen ? 'held' : 'client-aborted', nowMs);
      return;
    }
    if (!drains) this.failStream('client-aborted', nowMs);
  }

  /** The drain time is over. */
  onDrained(nowMs: number): void {
    if (this.phase === RETIRED) return;
    if (this.phase === WAITING) {
      this.retire(nowMs);
      return;
    }
    if (this.context.dueMs[this.slot]! <= nowMs) {
      this.onDue(nowMs);
      return;
    }
    if (this.phase === ERROR_BODY) {
      this.failStream('http-error', nowMs);
      return;
    }
    this.timeOut('client-aborted', 'deadline', nowMs);
  }

  onHead(response: ResponseParser): void {
    const { options, tally, dueMs } = this.context;
    tally.statusCodes[response.status]!++;
    this.failures = 0;
    dueMs[this.slot] = tally.readAtMs + options.timeoutMs;
    const isEventStream = response.mediaTypeIs('text/event-stream');
    const isAsked = !options.expectEventStream || (response.status === 200 && isEventStream);
    if (response.status >= 400 || !isAsked) {
      this.parsesEvents = false;
      this.phase = ERROR_BODY;
      if (tally.firstError === undefined) tally.firstError = describeRefusedHead(response);
      return;
    }
    this.parsesEvents = isEventStream;
    this.phase = isEventStream ? AWAITING_EVENT : STREAMING;
  }

  onBody(buf: Buffer, start: number, end: number): void {
    if (this.parsesEvents) {
      if (!this.events.push(buf, start, end)) this.response.stop();
    } else if (this.phase === STREAMING) {
      const { options, tally, dueMs } = this.context;
      dueMs[this.slot] = tally.readAtMs + options.timeoutMs;
    }
  }

  onEnd(): void {
    this.ended = true;
  }

  private startStream(nowMs: number): void {
    this.context.tally.attempted++;
    if (this.socket === null) this.openSocket(nowMs);
    else this.sendRequest();
  }

  private openSocket(nowMs: number): void {
    const { options, readBuffer, dueMs } = this.context;
    this.phase = CONNECTING;
    this.connectAtMs = nowMs;
    dueMs[this.slot] = nowMs + options.timeoutMs;
    const socket: Socket = connect({
      host: options.address,
      port: options.port,
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (size) => {
          if (this.socket === socket) this.onRead(size);
          return true;
        },
      },
    });
    this.socket = socket;
    this.connected = false;
    socket.on('connect', () => {
      if (this.socket === socket) this.onConnect();
    });
    socket.on('end', () => {
      if (this.socket === socket) this.onFin();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (this.socket === socket) this.onSocketError(error);
    });
  }

  private onConnect(): void {
    const { tally } = this.context;
    const nowMs = clockMs();
    tally.connect.recordMs(nowMs - this.connectAtMs);
    tally.countOpened();
    this.connected = true;
    this.openedAtMs = nowMs;
    // Also after the deadline: this stream was begun before it, like those whose request is out.
    this.sendRequest();
  }

  private sendRequest(): void {
    const { options, requestText, dueMs } = this.context;
    this.response.next();
    this.events.reset();
    this.meter.reset();
    this.ended = false;
    this.awaitsFirstByte = true;
    this.phase = AWAITING_HEAD;
    const nowMs = clockMs();
    this.requestAtMs = nowMs;
    this.lastEventAtMs = 0;
    dueMs[this.slot] = nowMs + options.timeoutMs;
    this.socket!.write(requestText, 'latin1');
  }

  private onRead(size: number): void {
    const { tally, readBuffer } = this.context;
    // Stamped before anything is parsed, so that our own work is not part of what is measured.
    const nowMs = clockMs();
    tally.readAtMs = nowMs;
    tally.reads++;
    tally.bytesReceived += size;
    if (this.phase === WAITING || this.phase === RETIRED) {
      this.dropUnsolicited(nowMs);
      return;
    }
    if (this.awaitsFirstByte) {
      this.awaitsFirstByte = false;
      tally.ttfb.recordMs(nowMs - this.requestAtMs);
    }
    const stop = this.response.push(readBuffer, 0, size);
    if (this.meter.dispatched > 0) this.recordEvents(nowMs);
    const error = this.response.error ?? (this.parsesEvents ? this.events.error : null);
    if (error !== null) {
      tally.countError(error.kind, `${error.kind}: ${error.detail}`);
      this.failures++;
      this.failStream('protocol-error', nowMs);
      return;
    }
    if (!this.ended) return;
    const isReusable = this.response.keepAlive && stop === size;
    if (this.response.keepAlive && stop < size) this.countUnsolicited();
    this.endStream(nowMs, isReusable);
  }

  private recordEvents(nowMs: number): void {
    const { options, tally, dueMs } = this.context;
    const count = this.meter.dispatched;
    this.meter.dispatched = 0;
    if (this.phase === AWAITING_EVENT) {
      this.phase = STREAMING;
      tally.ttfe.recordMs(nowMs - this.requestAtMs);
    } else {
      tally.gap.recordMs(nowMs - this.lastEventAtMs);
    }
    // One read, one time: the others came with the first.
    if (count > 1) tally.gap.recordUs(0, count - 1);
    this.lastEventAtMs = nowMs;
    dueMs[this.slot] = nowMs + options.timeoutMs;
    tally.countEvents(count, nowMs);
  }

  /** The response ended properly. */
  private endStream(nowMs: number, isReusable: boolean): void {
    const { tally } = this.context;
    if (this.phase === ERROR_BODY) tally.countOutcome('http-error');
    else {
      tally.countCompleted(nowMs);
      tally.stream.recordMs(nowMs - this.requestAtMs);
    }
    if (!isReusable) this.closeSocket(nowMs);
    this.scheduleNext(nowMs);
  }

  /** The stream in flight is over without a proper end, and its connection with it. */
  private failStream(outcome: Outcome, nowMs: number): void {
    this.context.tally.countFailure(outcome);
    this.closeSocket(nowMs);
    this.scheduleNext(nowMs);
  }

  private timeOut(outcome: Outcome, part: keyof TesterTimeouts, nowMs: number): void {
    const { tally } = this.context;
    tally.timeouts[part]++;
    if (part === 'connect') tally.firstError ??= 'no connection within the timeout';
    this.failStream(outcome, nowMs);
  }

  private scheduleNext(nowMs: number): void {
    const { options, tally, dueMs } = this.context;
    this.phase = WAITING;
    if (nowMs >= tally.deadlineMs) {
      this.retire(nowMs);
      return;
    }
    let nextMs = nowMs;
    if (options.ratePerConnection !== undefined) {
      // Kept to a grid, so that late wake-ups do not lower the rate; what was missed is not made up for.
      const intervalMs = 1000 / options.ratePerConnection;
      this.pacedAtMs = Math.max(this.pacedAtMs, this.context.tally.startMs) + intervalMs;
      if (this.pacedAtMs < nowMs) this.pacedAtMs = nowMs;
      nextMs = this.pacedAtMs;
    }
    if (this.failures > 0) nextMs = Math.max(nextMs, nowMs + this.backoffMs());
    if (nextMs <= nowMs) this.startStream(nowMs);
    else dueMs[this.slot] = nextMs;
  }

  private retire(nowMs: number): void {
    this.phase = RETIRED;
    this.context.dueMs[this.slot] = NEVER;
    this.closeSocket(nowMs);
    this.context.onRetired();
  }

  private onFin(): void {
    const nowMs = clockMs();
    if (this.phase === WAITING || this.phase === RETIRED) {
      this.closeSocket(nowMs);
      return;
    }
    const finish = this.response.finish();
    if (finish === 'complete') {
      this.endStream(nowMs, false);
      return;
    }
    if (finish === 'nothing-received') this.failures++;
    this.failStream(this.phase === ERROR_BODY ? 'http-error' : 'closed-early', nowMs);
  }

  private onSocketError(error: NodeJS.ErrnoException): void {
    const { tally } = this.context;
    const nowMs = clockMs();
    // Between streams the server may drop the connection as it likes.
    if (this.phase === WAITING || this.phase === RETIRED) {
      this.closeSocket(nowMs);
      return;
    }
    this.failures++;
    tally.countError(error.code ?? error.name, error.message);
    if (this.phase === ERROR_BODY) {
      this.failStream('http-error', nowMs);
      return;
    }
    if (this.phase !== CONNECTING) {
      this.failStream('reset', nowMs);
      return;
    }
    if (error.code === 'ETIMEDOUT') {
      this.timeOut('no-headers', 'connect', nowMs);
      return;
    }
    this.failStream('refused', nowMs);
  }

  private dropUnsolicited(nowMs: number): void {
    this.countUnsolicited();
    this.closeSocket(nowMs);
  }

  private countUnsolicited(): void {
    this.context.tally.countError('unsolicited-bytes', 'the server sent bytes after the end of a response');
  }

  private closeSocket(nowMs: number): void {
    const socket = this.socket;
    if (socket === null) return;
    this.socket = null;
    if (this.connected) this.context.tally.countClosed(this.openedAtMs, nowMs);
    this.connected = false;
    socket.destroy();
  }

  /** Doubles from 10 ms to 1 s, between half and all of it, the same in every run. */
  private backoffMs(): number {
    const longestMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.failures - 1, 10));
    this.jitter = (Math.imul(this.jitter, 1_664_525) + 1_013_904_223) >>> 0;
    return longestMs * (0.5 + this.jitter / 2 ** 33);
  }
}

function describeRefusedHead(response: ResponseParser): string {
  if (response.status >= 400) return `status ${response.status}`;
  const type = response.field('content-type');
  return `status ${response.status} with ${type === undefined ? 'no Content-Type' : `Content-Type ${type}`}, wanted text/event-stream`;
}
