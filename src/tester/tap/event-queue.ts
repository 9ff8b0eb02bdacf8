/** A copy of one dispatched event. Nothing in it leads back to a socket or to its read buffer. */
export interface TappedEvent {
  /** Number of the connection, from 0. */
  connection: number;
  /** Unix time in microseconds at which the read that completed it returned. */
  readAtUs: number;
  /** The last event id, as browsers tell it; empty where none was sent. */
  id: string;
  /** `message` where the server named none. */
  type: string;
  data: string;
}

/** Takes events off the queue; the next batch is handed over when the promise resolves. */
export type EventListener = (events: TappedEvent[]) => void | Promise<void>;

/** Characters of the events that may wait, whatever their number: servers decide how large an event is. */
const MOST_CHARS = 67_108_864;

/**
 * Between the side that reads sockets and the side that listens. Bounded: a listener that is too slow loses events,
 * which are counted, and never slows the sockets down.
 */
export class EventQueue {
  private readonly capacity: number;
  private readonly mostChars: number;
  private events: TappedEvent[] = [];
  /** In the data of the events that wait. */
  private chars = 0;
  private onFilled: (() => void) | null = null;
  private closed = false;
  /** Events that found the queue full. */
  dropped = 0;

  /**
   * @param capacity events that may wait
   * @param mostChars characters of their data, exceeded by one event at most; 64 Mi unless given
   */
  constructor(capacity: number, mostChars: number = MOST_CHARS) {
    this.capacity = capacity;
    this.mostChars = mostChars;
  }

  get isFull(): boolean {
    return this.events.length >= this.capacity || this.chars >= this.mostChars;
  }

  /** Never waits: an event that finds no room is counted and lost. */
  offer(event: TappedEvent): void {
    if (this.isFull) {
      this.dropped++;
      return;
    }
    this.events.push(event);
    this.chars += event.data.length;
    this.wake();
  }

  /** Nothing more is offered: who takes off the rest finds the queue empty then. */
  close(): void {
    this.closed = true;
    this.wake();
  }

  /** Everything that is there now. */
  takeAll(): TappedEvent[] {
    const taken = this.events;
    this.events = [];
    this.chars = 0;
    return taken;
  }

  /** Resolves when there is something to take, or never will be; at once where it is so. */
  whenFilled(): Promise<void> {
    if (this.events.length > 0 || this.closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.onFilled = resolve;
    });
  }

  private wake(): void {
    const wake = this.onFilled;
    this.onFilled = null;
    wake?.();
  }
}
