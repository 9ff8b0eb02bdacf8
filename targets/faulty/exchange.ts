import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Counters } from '../shared/counters.ts';
import type { Oddities } from './oddities.ts';
import type { Request } from './read-request.ts';

/** Thrown by everything an exchange waits for once the client has closed or reset the connection. */
export class ClientGone extends Error {}

/** Whether the client of a connection is still there. */
export class Presence {
  isGone = false;
  /** Nobody closes this side any more. */
  isLeaked = false;
  readonly #watchers = new Set<() => void>();

  constructor(socket: Socket) {
    const leave = (): void => {
      this.isGone = true;
      for (const watcher of this.#watchers) watcher();
      this.#watchers.clear();
    };
    socket.once('end', leave);
    socket.once('close', leave);
  }

  /** Calls `watcher` when the client leaves, unless the returned function is called before. */
  onLeave(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

/** What the next bytes carry, counted when the kernel has taken them. */
export interface Load {
  events?: number;
  comments?: number;
  bodyBytes?: number;
}

/** One request and the raw socket to answer it on. */
export class Exchange {
  readonly request: Request;
  /** For the routes to count in. */
  readonly oddities: Oddities;
  readonly #socket: Socket;
  readonly #counters: Counters;
  readonly #presence: Presence;
  #byteGapMs: number | undefined;
  /** Whether the connection was closed from this side. */
  isFinished = false;

  constructor(socket: Socket, presence: Presence, request: Request, counters: Counters, oddities: Oddities) {
    this.request = request;
    this.oddities = oddities;
    this.#socket = socket;
    this.#presence = presence;
    this.#counters = counters;
  }

  /** From now on every byte is a write, and so a segment, of its own. */
  sendByteByByte(gapMs: number): void {
    this.#byteGapMs = gapMs;
  }

  /** Resolves when the kernel has taken the bytes. */
  async write(bytes: string | Buffer, load: Load = {}): Promise<void> {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    if (this.#byteGapMs === undefined) {
      await this.#writeOnce(buffer);
    } else {
      for (let i = 0; i < buffer.length; i++) {
        // The pause comes first: after the last byte the client may leave, and that is not early.
        await this.sleep(this.#byteGapMs);
        await this.#writeOnce(buffer.subarray(i, i + 1));
      }
    }
    this.#counters.events += load.events ?? 0;
    this.#counters.comments += load.comments ?? 0;
    this.#counters.bodyBytes += load.bodyBytes ?? 0;
  }

  /** One chunk of the body, in one write. */
  async writeChunk(body: string | Buffer, events: number, comments = 0): Promise<void> {
    const bytes = Buffer.from(body);
    await this.write(this.frame(bytes), { events, comments, bodyBytes: bytes.length });
  }

  /** `body` as one HTTP chunk, or as it is for a client that knows none. */
  frame(body: Buffer): Buffer {
    if (!this.request.knowsChunks) return body;
    return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
  }

  /** What ends a body in chunks; nothing for a client that knows none. */
  get lastChunk(): Buffer {
    return Buffer.from(this.request.knowsChunks ? '0\r\n\r\n' : '');
  }

  async sleep(ms: number): Promise<void> {
    this.#requireClient();
    await new Promise<void>((resolve, reject) => {
      const forget = this.#presence.onLeave(() => {
        clearTimeout(timer);
        reject(new ClientGone());
      });
      const timer = setTimeout(() => {
        forget();
        resolve();
      }, Math.ceil(ms));
    });
  }

  /** `dueMs` on the clock of performance.now(). */
  async sleepUntil(dueMs: number): Promise<void> {
    for (let now = performance.now(); now < dueMs; now = performance.now()) await this.sleep(dueMs - now);
    this.#requireClient();
  }

  /** Resolves when the client closes or resets the connection, which may be never. */
  async clientLeaves(): Promise<void> {
    if (this.#presence.isGone) return;
    await new Promise<void>((resolve) => this.#presence.onLeave(resolve));
  }

  /** Leaves the connection as it is, for good: not even the client's FIN is answered. */
  leak(): void {
    this.isFinished = true;
    this.#presence.isLeaked = true;
  }

  /** Sends a FIN: the response is over, whole or not. */
  finish(): void {
    this.isFinished = true;
    this.#socket.end();
  }

  /** Sends an RST. */
  reset(): void {
    this.isFinished = true;
    this.#socket.resetAndDestroy();
  }

  async #writeOnce(bytes: Buffer): Promise<void> {
    this.#requireClient();
    await new Promise<void>((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error ? reject(new ClientGone()) : resolve()));
    });
  }

  #requireClient(): void {
    if (this.#presence.isGone) throw new ClientGone();
  }
}
