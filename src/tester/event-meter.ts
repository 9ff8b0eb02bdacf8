import type { EventVisitor } from '../sse/event-parser.ts';
import { EventSequencer } from '../sse/event-sequencer.ts';
import { isBadComment, judgeRetry } from '../sse/field-rules.ts';
import type { LlmMeter } from '../sse/llm-meter.ts';
import type { DataReader } from './data-reader.ts';
import type { LastEventId } from './last-event-id.ts';
import type { LoadTally } from './load-tally.ts';
import type { EventCopier } from './tap/event-copier.ts';

const QUOTE = 0x22;
const ZERO = 0x30;
/** Ids up to 15 digits are exact in a double. */
const MAX_ID_DIGITS = 15;
const NO_ID = -1;
/** A stamp further in the future is no clock difference but something else that is called `ts`. */
const EARLIEST_LAG_US = -1000;
const LATEST_LAG_US = 3_600_000_000;

export interface EventMeterOptions {
  /** @default 5, events */
  reorderWindow?: number;
  /** @default unlimited */
  retryLimit?: number;
  /** Where ids and times are to be had from the data. @default the `id` field and `"ts":` */
  dataReader?: DataReader;
  /** Keeps the id that a stream is resumed after. @default the highest number among the ids is */
  lastEventId?: LastEventId;
  /** Copies every event for those who listen. */
  copier?: EventCopier;
  /** Reads the events as chunks of a language model's answer. */
  llm?: LlmMeter;
}

/**
 * Counts the events of one stream, checks their ids and reads the server's time from `"ts":<unix us>` in the data.
 * Makes no strings.
 */
export class EventMeter implements EventVisitor {
  private readonly tally: LoadTally;
  private readonly sequencer: EventSequencer;
  private readonly retryLimit: number;
  private readonly dataReader: DataReader | null;
  private readonly lastEventId: LastEventId | null;
  private readonly copier: EventCopier | null;
  private readonly llm: LlmMeter | null;
  private id = NO_ID;
  private sentAtUs = 0;
  /** Where `"ts":` began in the data before: events of one stream look alike. */
  private stampOffset = 0;
  /** Events dispatched since the owner last set this to 0. */
  dispatched = 0;
  /** Likewise comments. */
  commented = 0;
  /** Reconnection time that the server asked for; NaN while it has not. */
  retryMs = Number.NaN;

  constructor(tally: LoadTally, options: EventMeterOptions = {}) {
    const { reorderWindow, retryLimit = Number.POSITIVE_INFINITY } = options;
    this.tally = tally;
    this.retryLimit = retryLimit;
    this.dataReader = options.dataReader ?? null;
    this.lastEventId = options.lastEventId ?? null;
    this.copier = options.copier ?? null;
    this.llm = options.llm ?? null;
    this.sequencer = new EventSequencer(
      tally.sequence,
      reorderWindow === undefined ? {} : { window: reorderWindow },
    );
  }

  /** A new stream begins. */
  reset(): void {
    this.sequencer.reset();
    this.retryMs = Number.NaN;
    this.lastEventId?.reset();
    this.copier?.reset();
    this.clear();
  }

  /** The stream goes on over another connection. */
  resume(): void {
    this.sequencer.reconnected();
    this.clear();
  }

  /** The stream is over: ids that are missing now are lost. */
  end(): void {
    this.sequencer.end();
  }

  /** The id to go on after, one character per byte; empty without one. */
  lastId(): string {
    if (this.lastEventId !== null) return this.lastEventId.toString();
    const { lastId } = this.sequencer;
    return Number.isNaN(lastId) ? '' : String(lastId);
  }

  onData(buf: Buffer, start: number, end: number): void {
    if (this.copier !== null) this.copier.addData(buf, start, end);
    if (this.llm !== null) this.llm.onData(buf, start, end);
    if (this.dataReader !== null) {
      this.dataReader.add(buf, start, end);
      return;
    }
    const expected = start + this.stampOffset;
    if (isStampKey(buf, expected, end)) {
      this.sentAtUs = readDigits(buf, expected + 5, end);
      return;
    }
    for (let pos = start; pos < end - 5; pos++) {
      if (buf[pos] === QUOTE && isStampKey(buf, pos, end)) {
        this.stampOffset = pos - start;
        this.sentAtUs = readDigits(buf, pos + 5, end);
        return;
      }
    }
  }

  onId(buf: Buffer, start: number, end: number): void {
    if (this.copier !== null) this.copier.setId(buf, start, end);
    if (this.lastEventId !== null) this.lastEventId.set(buf, start, end);
    this.id = NO_ID;
    if (start === end || end - start > MAX_ID_DIGITS) return;
    let value = 0;
    for (let pos = start; pos < end; pos++) {
      const digit = buf[pos]! - ZERO;
      if (digit < 0 || digit > 9) return;
      value = value * 10 + digit;
    }
    this.id = value;
  }

  onComment(buf: Buffer, start: number, end: number): void {
    this.commented++;
    this.tally.comments++;
    if (isBadComment(buf, start, end)) this.tally.badComments++;
  }

  onDispatch(): void {
    this.dispatched++;
    if (this.lastEventId !== null) this.lastEventId.settle();
    if (this.copier !== null) this.copier.handOver(Math.round(this.tally.readAtUnixUs()));
    if (this.llm !== null) this.llm.onDispatch(this.tally.readAtMs * 1000);
    if (this.dataReader !== null) this.readData(this.dataReader);
    if (this.id !== NO_ID) {
      this.sequencer.accept(this.id);
      this.id = NO_ID;
    }
    if (this.sentAtUs !== 0) this.recordLag();
  }

  onDiscard(): void {
    this.sentAtUs = 0;
    this.lastEventId?.settle();
    this.dataReader?.clear();
    this.copier?.clear();
  }

  onEventType(buf: Buffer, start: number, end: number): void {
    this.copier?.setType(buf, start, end);
  }

  onRetry(retryMs: number): void {
    this.tally.retries++;
    if (judgeRetry(retryMs, this.retryLimit)) {
      this.retryMs = retryMs;
      return;
    }
    this.tally.retriesOverLimit++;
    this.retryMs = Number.NaN;
  }

  onBadRetry(): void {
    this.tally.badRetries++;
  }

  private clear(): void {
    this.id = NO_ID;
    this.sentAtUs = 0;
    this.dispatched = 0;
    this.commented = 0;
    this.lastEventId?.dropPending();
    this.dataReader?.clear();
    this.copier?.clear();
  }

  private readData(reader: DataReader): void {
    const { id, timeUs } = reader.read();
    if (id !== undefined) this.id = id;
    if (timeUs !== undefined) this.sentAtUs = timeUs;
  }

  private recordLag(): void {
    const { tally } = this;
    const lagUs = Math.round(tally.readAtUnixUs() - this.sentAtUs);
    this.sentAtUs = 0;
    if (lagUs < EARLIEST_LAG_US || lagUs > LATEST_LAG_US) return;
    tally.deliveryLag.recordUs(Math.max(lagUs, 0), 1);
  }
}

/** Whether `"ts":` stands at `pos`. */
function isStampKey(buf: Buffer, pos: number, end: number): boolean {
  return (
    pos + 5 < end &&
    buf[pos] === QUOTE &&
    buf[pos + 1] === 0x74 &&
    buf[pos + 2] === 0x73 &&
    buf[pos + 3] === QUOTE &&
    buf[pos + 4] === 0x3a
  );
}

/** The number after the colon and at most one space; 0 without one. */
function readDigits(buf: Buffer, start: number, end: number): number {
  let pos = buf[start] === 0x20 ? start + 1 : start;
  let value = 0;
  for (; pos < end; pos++) {
    const digit = buf[pos]! - ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return value;
}
