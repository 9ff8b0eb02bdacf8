import { type EventLimits, EventParser, type EventVisitor } from './event-parser.ts';

/** One dispatched event, decoded. */
export interface StreamEvent {
  /** The `event` field; `message` without one. */
  type: string;
  /** Data lines joined by LF. */
  data: string;
  /** Last event id of the stream at dispatch, empty if there was none; persists from event to event. */
  id: string;
}

/**
 * Event parser that decodes: strings for every event, `retry` and comments on request. For counting at speed give
 * `EventParser` a visitor of its own instead.
 */
export class EventDecoder implements EventVisitor {
  private readonly parser: EventParser;
  private readonly onEvent: (event: StreamEvent) => void;
  private type = '';
  private lines: string[] = [];
  /** The last event id as `Last-Event-ID` would send it. */
  lastEventId = '';
  /** The last `retry` of the stream, or undefined. */
  retryMs: number | undefined;
  /** Comment lines so far. */
  comments = 0;

  constructor(onEvent: (event: StreamEvent) => void, limits?: Partial<EventLimits>) {
    this.onEvent = onEvent;
    this.parser = new EventParser(this, limits);
  }

  /** @returns false when a limit was exceeded */
  push(buf: Buffer, start = 0, end = buf.length): boolean {
    return this.parser.push(buf, start, end);
  }

  onData(buf: Buffer, start: number, end: number): void {
    this.lines.push(buf.toString('utf8', start, end));
  }

  onId(buf: Buffer, start: number, end: number): void {
    this.lastEventId = buf.toString('utf8', start, end);
  }

  onEventType(buf: Buffer, start: number, end: number): void {
    this.type = buf.toString('utf8', start, end);
  }

  onRetry(retryMs: number): void {
    this.retryMs = retryMs;
  }

  onBadRetry(): void {}

  onComment(): void {
    this.comments++;
  }

  onDispatch(): void {
    const event = { type: this.type || 'message', data: this.lines.join('\n'), id: this.lastEventId };
    this.onDiscard();
    this.onEvent(event);
  }

  onDiscard(): void {
    this.type = '';
    this.lines = [];
  }
}
