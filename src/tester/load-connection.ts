import { auditStreamHead, findUnaskedCoding } from '../http/audit-head.ts';
import { ResponseParser, type ResponseVisitor } from '../http/response-parser.ts';
import type { Outcome } from '../model/outcome.ts';
import type { TesterTimeouts } from '../model/tester-report.ts';
import { EventParser } from '../sse/event-parser.ts';
import { LlmMeter } from '../sse/llm-meter.ts';
import { createEventMeter } from './create-event-meter.ts';
import { describeRefusedHead } from './describe-refused-head.ts';
import type { EventMeter } from './event-meter.ts';
import { deathBy, isReset, judgeBreak, judgeRefusal } from './judge-stream-end.ts';
import type { LoadContext } from './load-context.ts';
import type { ReconnectPolicy } from './load-options.ts';
import { clockMs } from './load-tally.ts';
import { ReconnectPace } from './reconnect-pace.ts';
import { withLastEventId } from './request-bytes.ts';
import { NEVER } from './stream-schedule.ts';
import type { LoadSocket, SocketOwner, Transport } from './transport/transport.ts';

/** Between streams: the next one is due at `dueMs`. */
const WAITING = 0;
const CONNECTING = 1;
const AWAITING_HEAD = 2;
const AWAITING_EVENT = 3;
const STREAMING = 4;
/** The outcome is http-error already; the body is read to its end so that the connection can be kept. */
const ERROR_BODY = 5;
const RETIRED = 6;

/** What a late wake-up lost of a read rate is made up for, up to this: more would be a burst. */
const LONGEST_CREDIT_MS = 50;

/**
 * One of the load's connections: a closed loop of streams over a socket that is replaced when it ends. Every stream
 * that is begun gets exactly one outcome.
 */
export class LoadConnection implements ResponseVisitor, SocketOwner {
  private readonly context: LoadContext;
  private readonly slot: number;
  private readonly transport: Transport;
  private readonly slowBytesPerMs: number;
  /** Until when what was read is paid for at that rate; the pause of the connection lasts as long. */
  private readOnAtMs = 0;
  private readonly response: ResponseParser;
  private readonly events: EventParser;
  private readonly meter: EventMeter;
  private readonly llm: LlmMeter | null;
  private readonly sourceAddress: string | undefined;
  private socket: LoadSocket | null = null;
  private connected = false;
  private phase = WAITING;
  private connectAtMs = 0;
  private openedAtMs = 0;
  private requestAtMs = 0;
  /** Start of the stream, before connecting; kept where signals are recorded alone. */
  private beganAtMs = 0;
  private lastEventAtMs = 0;
  /** Last event or comment, the head before the first. */
  private lastSignMs = 0;
  private lastCommentMs = Number.NaN;
  private readonly reconnectPolicy: ReconnectPolicy;
  private readonly isOpenLoop: boolean;
  /** Open loop: the stream in flight is an arrival, and was meant to begin then. */
  private isArrival = false;
  private intendedAtMs = 0;
  /** The request of the stream in flight has not been sent once. */
  private isUnsent = false;
  private awaitsFirstByte = false;
  private parsesEvents = false;
  /** The response in progress ended within the read that is being parsed. */
  private ended = false;
  /** Responses that the socket has carried. */
  private served = 0;
  /** Connection-level failures since the last head. */
  private failures = 0;
  private readonly pace: ReconnectPace;
  /** The next stream goes on where the last one broke off, which was then. */
  private resumes = false;
  private brokenAtMs = 0;

  /** @param number of the connection among those of all threads */
  constructor(context: LoadContext, slot: number, number: number) {
    const { options, tally } = context;
    this.context = context;
    this.slot = slot;
    const { slowReaders, sourceAddresses } = options;
    const isSlow = slowReaders !== undefined && number < Math.round(slowReaders.share * options.connections);
    this.transport = isSlow ? context.slowTransport : context.transport;
    this.slowBytesPerMs = isSlow ? slowReaders.bytesPerSec / 1000 : 0;
    this.sourceAddress = sourceAddresses?.[number % sourceAddresses.length];
    this.reconnectPolicy = options.reconnect ?? 'fresh';
    this.isOpenLoop = options.arrivals !== undefined;
    this.pace = new ReconnectPace(slot);
    this.llm = tally.llm === null ? null : new LlmMeter(tally.llm);
    this.meter = createEventMeter(context, number, this.llm);
    this.events = new EventParser(this.meter, options.eventLimits);
    this.response = new ResponseParser(this, {
      toHead: options.toHead,
      ...(options.responseLimits && { limits: options.responseLimits }),
    });
  }

  /**
   * Something is due: the next stream or the verdict over the one in flight.
   * @returns whether that opened a connection
   */
  onDue(nowMs: number): boolean {
    switch (this.phase) {
      case WAITING:
        if (nowMs >= this.context.tally.deadlineMs) this.retire(nowMs);
        else this.startStream();
        break;
      case CONNECTING:
        this.timeOut('refused', 'connect', nowMs);
        break;
      case AWAITING_HEAD:
        this.timeOut('no-headers', 'headers', nowMs);
        break;
      case AWAITING_EVENT:
        this.timeOut('stalled', 'firstEvent', nowMs);
        break;
      case STREAMING:
        this.timeOut('stalled', 'idle', nowMs);
        break;
      case ERROR_BODY:
        this.failStream('http-error', nowMs);
        break;
    }
    return this.phase === CONNECTING;
  }

  /** The pause of a connection that reads slowly is over. */
  onReadOn(): void {
    this.context.readOnMs[this.slot] = NEVER;
    this.socket?.resume();
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
    dueMs[this.slot] = Math.max(tally.readAtMs, this.readOnAtMs) + options.timeoutMs;
    const isEventStream = response.mediaTypeIs('text/event-stream');
    if (isEventStream && tally.headAudit.length === 0) this.auditHead(response);
    const isAsked =
      !options.expectEventStream ||
      (response.status === 200 && isEventStream && !(response.isEncoded && this.isUnasked(response)));
    if (response.status >= 400 || !isAsked) {
      this.parsesEvents = false;
      this.phase = ERROR_BODY;
      if (tally.firstError === undefined) tally.firstError = describeRefusedHead(response);
      return;
    }
    // What a coding makes of the events cannot be read, asked for or not.
    this.parsesEvents = isEventStream && !response.isEncoded;
    this.phase = this.parsesEvents ? AWAITING_EVENT : STREAMING;
    this.lastSignMs = Math.max(tally.readAtMs, this.readOnAtMs);
    // A clock reading costs more than parsing a short head: a sample of them is enough.
    if ((tally.reads & 15) === 0) tally.headParse.recordMs(clockMs() - tally.readAtMs);
  }

  onBody(buf: Buffer, start: number, end: number): void {
    if (this.parsesEvents) {
      if (!this.events.push(buf, start, end)) this.response.stop();
    } else if (this.phase === STREAMING) {
      const { options, tally, dueMs } = this.context;
      dueMs[this.slot] = Math.max(tally.readAtMs, this.readOnAtMs) + options.timeoutMs;
    }
  }

  onEnd(): void {
    this.ended = true;
  }

  /** Begin a stream now, on the socket that is there or on a new one. */
  startStream(): void {
    const { tally, schedule } = this.context;
    tally.attempted++;
    if (tally.signals !== null) this.beganAtMs = clockMs();
    // What goes on after a loss is no request of its own: nobody intended it.
    this.isArrival = this.isOpenLoop && !this.resumes;
    this.intendedAtMs = schedule.intendedStart(this.slot);
    this.isUnsent = true;
    if (this.socket === null) this.openSocket();
    else this.sendRequest();
  }

  private openSocket(): void {
    const { options, dueMs } = this.context;
    const nowMs = clockMs();
    this.phase = CONNECTING;
    this.connectAtMs = nowMs;
    this.served = 0;
    dueMs[this.slot] = nowMs + options.timeoutMs;
    this.socket = this.transport.open(this, this.sourceAddress);
    this.connected = false;
  }

  onConnect(): void {
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
    const { options, tally, requestText, dueMs } = this.context;
    this.response.next();
    this.events.reset();
    let text = requestText;
    if (this.resumes) {
      this.meter.resume();
      text = withLastEventId(text, this.meter.lastId());
    } else this.meter.reset();
    this.ended = false;
    this.awaitsFirstByte = true;
    this.phase = AWAITING_HEAD;
    const nowMs = clockMs();
    this.requestAtMs = nowMs;
    this.lastEventAtMs = 0;
    this.lastCommentMs = Number.NaN;
    if (this.isUnsent) {
      this.isUnsent = false;
      if (this.isArrival) tally.sendLateness.recordMs(nowMs - this.intendedAtMs);
      this.llm?.begin(nowMs * 1000);
    } else this.llm?.beginAgain(nowMs * 1000);
    dueMs[this.slot] = Math.max(nowMs, this.readOnAtMs) + options.timeoutMs;
    this.socket!.write(text);
  }

  onRead(size: number): void {
    const { tally } = this.context;
    const { readBuffer } = this.transport;
    // Stamped before anything is parsed, so that our own work is not part of what is measured.
    const nowMs = clockMs();
    tally.readAtMs = nowMs;
    tally.reads++;
    tally.bytesReceived += size;
    if (this.phase === WAITING || this.phase === RETIRED) {
      this.dropUnsolicited(nowMs);
      return;
    }
    if (this.slowBytesPerMs > 0) this.rest(size, nowMs);
    if (this.awaitsFirstByte) {
      this.awaitsFirstByte = false;
      tally.ttfb.recordMs(nowMs - this.requestAtMs);
      if (this.isArrival) tally.responseTtfb.recordMs(nowMs - this.intendedAtMs);
    }
    const stop = this.response.push(readBuffer, 0, size);
    if (this.meter.dispatched > 0) this.recordEvents(nowMs);
    if (this.meter.commented > 0) this.recordComments(nowMs);
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
      if (tally.signals !== null) tally.signals.recordTtfe(this.beganAtMs, nowMs - this.beganAtMs);
      if (this.isArrival) tally.responseTtfe.recordMs(nowMs - this.intendedAtMs);
      if (this.resumes) {
        tally.recovery.recordMs(nowMs - this.brokenAtMs);
        this.resumes = false;
      }
    } else {
      tally.gap.recordMs(nowMs - this.lastEventAtMs);
      if (tally.signals !== null) tally.signals.recordGap(this.lastEventAtMs, nowMs - this.lastEventAtMs);
    }
    // One read, one time: the others came with the first.
    if (count > 1) tally.gap.recordUs(0, count - 1);
    this.lastEventAtMs = nowMs;
    tally.silence.sign(nowMs, this.lastSignMs);
    // While a connection that reads slowly pauses, nobody looks: silence begins, and time runs out, after that.
    this.lastSignMs = Math.max(nowMs, this.readOnAtMs);
    dueMs[this.slot] = this.lastSignMs + options.timeoutMs;
    tally.countEvents(count, nowMs);
  }

  /** Comments keep a connection alive; they are no events, and do not end the wait for one. */
  private recordComments(nowMs: number): void {
    const { silence } = this.context.tally;
    for (; this.meter.commented > 0; this.meter.commented--) {
      silence.comment(nowMs, this.lastCommentMs);
      this.lastCommentMs = nowMs;
    }
    silence.sign(nowMs, this.lastSignMs);
    this.lastSignMs = Math.max(nowMs, this.readOnAtMs);
  }

  private auditHead(response: ResponseParser): void {
    const { options, tally, acceptEncoding } = this.context;
    tally.headAudit = auditStreamHead((name) => response.field(name), {
      endless: options.stream === 'endless',
      http10: response.minorVersion === 0,
      ...(acceptEncoding === undefined ? {} : { acceptEncoding }),
    });
  }

  private isUnasked(response: ResponseParser): boolean {
    const coding = response.field('content-encoding') ?? '';
    return findUnaskedCoding(coding, this.context.acceptEncoding) !== undefined;
  }

  /** Take a pause as long as what was just read may take at the rate of a slow reader. */
  private rest(size: number, nowMs: number): void {
    // What comes although the pause has begun (TLS hands over whole records) makes it longer.
    this.readOnAtMs = Math.max(this.readOnAtMs, nowMs - LONGEST_CREDIT_MS) + size / this.slowBytesPerMs;
    if (this.readOnAtMs <= nowMs) return;
    this.socket?.pause();
    this.context.readOnMs[this.slot] = this.readOnAtMs;
  }

  /** The response ended properly. */
  private endStream(nowMs: number, isReusable: boolean): void {
    const { options, tally } = this.context;
    if (this.phase === ERROR_BODY) {
      tally.countOutcome('http-error');
      if (tally.signals !== null) tally.signals.countFailed(this.beganAtMs);
    } else {
      tally.countCompleted(nowMs);
      tally.stream.recordMs(nowMs - this.requestAtMs);
      if (this.isArrival) tally.responseStream.recordMs(nowMs - this.intendedAtMs);
    }
    this.llm?.onStreamEnd(this.phase !== ERROR_BODY);
    this.served++;
    const isUsedUp =
      options.streamsPerConnection !== undefined && this.served >= options.streamsPerConnection;
    if (!isReusable || isUsedUp) this.closeSocket(nowMs);
    // To an EventSource the end of a stream is a loss however orderly it was.
    const isLoss = this.phase !== ERROR_BODY && this.parsesEvents && options.stream === 'endless';
    if (isLoss && this.reconnectPolicy !== 'fresh' && nowMs < tally.deadlineMs) {
      this.reconnect(nowMs);
      return;
    }
    this.meter.end();
    this.resumes = false;
    this.scheduleNext(nowMs);
  }

  /** The stream in flight is over without a proper end, and its connection with it. */
  private failStream(outcome: Outcome, nowMs: number): void {
    const { options, tally } = this.context;
    tally.countFailure(outcome);
    this.llm?.onStreamEnd(false);
    const isOpen = this.phase === AWAITING_EVENT || this.phase === STREAMING;
    if (tally.signals !== null && outcome !== 'held' && outcome !== 'client-aborted') {
      tally.signals.countFailed(isOpen ? this.lastSignMs : this.beganAtMs);
    }
    if (isOpen) {
      this.recordDeath(outcome, nowMs);
      if (this.parsesEvents) tally.silence.openSilence(nowMs, this.lastSignMs);
    }
    this.closeSocket(nowMs);
    if (isOpen && outcome !== 'held' && options.stream === 'endless' && nowMs < tally.deadlineMs) {
      this.reconnect(nowMs);
    } else {
      if (isOpen) this.meter.end();
      this.scheduleNext(nowMs);
    }
  }

  private recordDeath(outcome: Outcome, nowMs: number): void {
    const { deaths } = this.context.tally;
    deaths[deathBy(outcome)].recordMs(nowMs - this.requestAtMs);
  }

  /** An open endless stream was lost. */
  private reconnect(nowMs: number): void {
    const { options, tally, dueMs } = this.context;
    switch (this.reconnectPolicy) {
      case 'never':
        this.meter.end();
        this.retire(nowMs);
        return;
      case 'fresh':
        this.meter.end();
        tally.reconnects++;
        this.scheduleNext(nowMs);
        return;
      case 'resume': {
        tally.reconnects++;
        if (!this.resumes) this.brokenAtMs = nowMs;
        this.resumes = true;
        this.phase = WAITING;
        dueMs[this.slot] = nowMs + this.pace.retryMs(this.meter.retryMs, options.retryDefaultMs);
        return;
      }
    }
  }

  private timeOut(outcome: Outcome, part: keyof TesterTimeouts, nowMs: number): void {
    const { tally } = this.context;
    tally.timeouts[part]++;
    if (part === 'connect') tally.firstError ??= 'no connection within the timeout';
    this.failStream(outcome, nowMs);
  }

  private scheduleNext(nowMs: number): void {
    const { tally, schedule, dueMs } = this.context;
    this.phase = WAITING;
    dueMs[this.slot] = NEVER;
    if (nowMs >= tally.deadlineMs) {
      this.retire(nowMs);
      return;
    }
    // A stream that could not go on yet tries again; it has its start already.
    let nextMs = this.resumes ? nowMs : schedule.nextStart(this.slot, nowMs);
    if (this.failures > 0) nextMs = Math.max(nextMs, nowMs + this.pace.backoffMs(this.failures));
    if (nextMs <= nowMs) this.startStream();
    else dueMs[this.slot] = nextMs;
  }

  private retire(nowMs: number): void {
    const { schedule, dueMs } = this.context;
    if (this.resumes) this.meter.end();
    else if (this.phase === WAITING && dueMs[this.slot]! < NEVER) schedule.cancelStart();
    this.phase = RETIRED;
    dueMs[this.slot] = NEVER;
    this.closeSocket(nowMs);
    this.context.onRetired();
  }

  onFin(): void {
    const nowMs = clockMs();
    // In the middle of a TLS handshake, whose error is told next.
    if (this.phase === CONNECTING) return;
    if (this.phase === WAITING || this.phase === RETIRED) {
      this.closeSocket(nowMs);
      return;
    }
    if (this.isStaleReuse()) {
      this.sendAgain(nowMs);
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

  onSocketError(code: string, message: string): void {
    const { tally } = this.context;
    const nowMs = clockMs();
    // Between streams the server may drop the connection as it likes.
    if (this.phase === WAITING || this.phase === RETIRED) {
      this.closeSocket(nowMs);
      return;
    }
    if (isReset(code) && this.isStaleReuse()) {
      this.sendAgain(nowMs);
      return;
    }
    this.failures++;
    tally.countError(code, message);
    if (this.phase === ERROR_BODY) {
      this.failStream('http-error', nowMs);
      return;
    }
    if (this.phase !== CONNECTING) {
      const isUnanswered = this.awaitsFirstByte && this.served === 0;
      this.failStream(judgeBreak(code, isUnanswered), nowMs);
      return;
    }
    if (code === 'ETIMEDOUT') {
      this.timeOut('refused', 'connect', nowMs);
      return;
    }
    this.failStream(judgeRefusal(code, this.context.options.tls !== undefined), nowMs);
  }

  /**
   * The server closed a kept connection while our next request was on its way. It has answered everything that it was
   * asked before, so this says nothing about the stream: RFC 9112 9.3.1 has the client ask again.
   */
  private isStaleReuse(): boolean {
    return this.phase === AWAITING_HEAD && this.awaitsFirstByte && this.served > 0;
  }

  private sendAgain(nowMs: number): void {
    this.context.tally.staleReuses++;
    this.closeSocket(nowMs);
    this.openSocket();
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
    this.context.readOnMs[this.slot] = NEVER;
    this.readOnAtMs = 0;
    socket.close();
  }
}
