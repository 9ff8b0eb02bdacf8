import { formatComment, formatEvent } from '../../sse/format-event.ts';
import { ClientQueue, type NumberedFrame } from './client-queue.ts';

/** Where frames of one client go. */
export interface FrameSink {
  /** @returns false when the client has to take what it has first; `onDrain` is called then */
  write(text: string): boolean;
  onDrain(listener: () => void): void;
  /** End the connection at once. */
  destroy(): void;
}

export interface HubOptions {
  /** Tells the streams of one server from those of another on the same port. No `-` in it. */
  session: string;
  /** Frames that are kept for clients that come back. @default 600 */
  keptFrames?: number;
  /** Frames that wait for one client. @default 64 */
  queuedFrames?: number;
  /** Characters that wait for one client. @default 4 Mi */
  queuedCharacters?: number;
  /** A client that has lost more than this is disconnected: it may come back and begin with the state. @default 64 */
  mostDropped?: number;
}

/** One client that listens. */
interface HubClient {
  sink: FrameSink;
  queue: ClientQueue;
  /** Newest number that it was given. */
  given: number;
  /** The sink has asked to wait. */
  blocked: boolean;
  /** Of `queue.dropped`, what the client has been told. */
  told: number;
}

const KEPT_FRAMES = 600;
const QUEUED_FRAMES = 64;
const QUEUED_CHARACTERS = 4 * 1024 * 1024;
const MOST_DROPPED = 64;

/**
 * One stream of events for any number of clients, none of which can hold it up: each has a bounded queue of its own.
 * Ids are `<session>-<number>`; a client that names the last one it has gets what came since, every other one the
 * state: the newest event of each type, and all of a type that was published as a series.
 */
export class EventHub {
  private readonly options: Required<HubOptions>;
  private readonly clients = new Set<HubClient>();
  private readonly state = new Map<string, NumberedFrame[]>();
  private kept: NumberedFrame[] = [];
  private number = 0;
  private paused = false;

  constructor(options: HubOptions) {
    this.options = {
      keptFrames: KEPT_FRAMES,
      queuedFrames: QUEUED_FRAMES,
      queuedCharacters: QUEUED_CHARACTERS,
      mostDropped: MOST_DROPPED,
      ...options,
    };
  }

  get clientCount(): number {
    return this.clients.size;
  }

  /** Clients that have taken everything that was sent. */
  get upToDateCount(): number {
    return [...this.clients].filter(({ blocked, queue }) => !blocked && queue.length === 0).length;
  }

  /** @param as `series`: later ones do not replace earlier ones in the state, until `forget` */
  publish(type: string, data: unknown, as: 'state' | 'series' = 'state'): void {
    const number = ++this.number;
    const text = formatEvent({ id: `${this.options.session}-${number}`, type, data: JSON.stringify(data) });
    const frame = { number, text };
    const before = as === 'series' ? (this.state.get(type) ?? []) : [];
    this.state.set(type, [...before, frame].slice(-this.options.keptFrames));
    this.kept.push(frame);
    if (this.kept.length > this.options.keptFrames) this.kept.shift();
    if (this.paused) return;
    for (const client of this.clients) this.give(client, [frame]);
  }

  /** Drop a type from the state. */
  forget(type: string): void {
    this.state.delete(type);
  }

  /** Write nothing to anybody until `resume`; the state is kept up. */
  pause(): void {
    this.paused = true;
  }

  /** Bring every client up to the state. */
  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    for (const client of this.clients) {
      this.give(
        client,
        this.stateFrames().filter(({ number }) => number > client.given),
      );
    }
  }

  /** Keep idle connections alive. */
  beat(): void {
    if (this.paused) return;
    for (const client of this.clients) {
      if (!client.blocked) client.blocked = !client.sink.write(formatComment('beat'));
    }
  }

  /**
   * @param lastEventId as the client sent it
   * @returns ends the membership; the connection is the caller's
   */
  join(sink: FrameSink, lastEventId: string | undefined): () => void {
    const { queuedFrames, queuedCharacters } = this.options;
    const client: HubClient = {
      sink,
      queue: new ClientQueue(queuedFrames, queuedCharacters),
      given: this.number,
      blocked: false,
      told: 0,
    };
    sink.onDrain(() => {
      client.blocked = false;
      if (!this.paused) this.flush(client);
    });
    this.clients.add(client);
    // It has asked, so it is answered also while nothing is sent unasked; in one piece, which is no longer than the state.
    const frames = this.missedSince(lastEventId) ?? this.stateFrames();
    if (frames.length > 0) client.blocked = !sink.write(frames.map(({ text }) => text).join(''));
    return () => void this.clients.delete(client);
  }

  /** Undefined when the id is not one of ours, or too old. */
  private missedSince(lastEventId: string | undefined): NumberedFrame[] | undefined {
    const match = /^(.*)-(\d{1,15})$/s.exec(lastEventId ?? '');
    if (!match || match[1] !== this.options.session) return undefined;
    const last = Number(match[2]);
    const oldest = this.kept[0]?.number ?? this.number + 1;
    if (last > this.number || last < oldest - 1) return undefined;
    return this.kept.filter(({ number }) => number > last);
  }

  private stateFrames(): NumberedFrame[] {
    return [...this.state.values()].flat().sort((a, b) => a.number - b.number);
  }

  private give(client: HubClient, frames: readonly NumberedFrame[]): void {
    for (const frame of frames) {
      client.queue.push(frame);
      client.given = frame.number;
    }
    if (client.queue.dropped > this.options.mostDropped) {
      this.clients.delete(client);
      client.sink.destroy();
      return;
    }
    this.flush(client);
  }

  private flush(client: HubClient): void {
    const { queue, sink } = client;
    while (!client.blocked) {
      const lost = queue.dropped - client.told;
      if (lost > 0) {
        client.told = queue.dropped;
        client.blocked = !sink.write(formatEvent({ type: 'lost', data: JSON.stringify({ count: lost }) }));
        continue;
      }
      const frame = queue.shift();
      if (!frame) return;
      client.blocked = !sink.write(frame.text);
    }
  }
}
