import type { EventQueue } from './event-queue.ts';

/** Copies the events of one connection for those who listen. */
export class EventCopier {
  private readonly queue: EventQueue;
  private readonly connection: number;
  private data = '';
  private hasData = false;
  /** A line of the event found the queue full: what came after it would be no copy of the event. */
  private isLost = false;
  private type = '';
  private id = '';

  constructor(queue: EventQueue, connection: number) {
    this.queue = queue;
    this.connection = connection;
  }

  addData(buf: Buffer, start: number, end: number): void {
    // Not even decoded while nobody takes anything.
    if (this.queue.isFull) this.isLost = true;
    if (this.isLost) return;
    const line = buf.toString('utf8', start, end);
    this.data = this.hasData ? `${this.data}\n${line}` : line;
    this.hasData = true;
  }

  setId(buf: Buffer, start: number, end: number): void {
    this.id = buf.toString('utf8', start, end);
  }

  setType(buf: Buffer, start: number, end: number): void {
    this.type = buf.toString('utf8', start, end);
  }

  /** The event is complete. */
  handOver(readAtUs: number): void {
    const { connection, id, data } = this;
    if (this.isLost) this.queue.dropped++;
    else this.queue.offer({ connection, readAtUs, id, type: this.type || 'message', data });
    this.clear();
  }

  /** Another stream begins, which has had no id yet. */
  reset(): void {
    this.id = '';
    this.clear();
  }

  /** What was collected for the event is void; its id stays, as the event stream format says. */
  clear(): void {
    this.data = '';
    this.hasData = false;
    this.isLost = false;
    this.type = '';
  }
}
