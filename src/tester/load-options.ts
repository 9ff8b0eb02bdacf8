import type { ConnectionOptions } from 'node:tls';
import type { ResponseLimits } from '../http/response-limits.ts';
import type { StreamKind } from '../model/plan.ts';
import type { EventLimits } from '../sse/event-parser.ts';
import type { ArrivalSpec } from './schedule/arrival-schedule.ts';
import type { TransportKind } from './transport/choose-transport.ts';

/** One load: everything is decided, nothing is guessed from the first answer. Plain data, so that threads can have it. */
export interface LoadOptions {
  /** Numeric address: names are resolved before the load, not per connection. */
  address: string;
  port: number;
  /** Exact bytes of each request. */
  request: Uint8Array;
  /** The request is a HEAD request: its response has no body. */
  toHead: boolean;
  connections: number;
  durationMs: number;
  /** Limit of connecting, of the head, of the first event and of silence; also the most that a drain takes. */
  timeoutMs: number;
  /** `finite`: the stream ends by itself. `endless`: it is open and alive at the deadline. */
  stream: StreamKind;
  /** Anything but status 200 with `text/event-stream` is an `http-error`. */
  expectEventStream: boolean;

  /** Threads that share the connections. @default 1 */
  workers?: number;
  /** Requests per second per connection at most; absent means the next request follows the end of the last. */
  ratePerConnection?: number;
  /**
   * Open loop: requests are sent when they are intended, whatever became of those before. One that finds no free
   * connection waits for one, and that wait is part of its response time.
   */
  arrivals?: ArrivalSpec;
  /** Time over which the connections are opened, evenly. @default 0, as fast as they can be */
  rampMs?: number;
  /** The connection is closed after so many streams. @default unlimited */
  streamsPerConnection?: number;
  /** Pause between the end of a stream and the next request on its connection. @default 0 */
  thinkTimeMs?: number;
  /** Connections that read slowly: `share` (0..1) of them, each at most so many bytes per second. */
  slowReaders?: SlowReaders;
  /** Numeric addresses to connect from, in turn. @default the kernel's choice */
  sourceAddresses?: readonly string[];
  /** TLS on every connection; plain data of `tls.connect`. */
  tls?: ConnectionOptions;
  /** How connections are made. @default auto */
  transport?: TransportKind;

  /** What follows the end of an endless stream. @default fresh */
  reconnect?: ReconnectPolicy;
  /** Ids that come late by at most so many events are reordered, not missing. @default 5 */
  reorderWindow?: number;

  /** `retry` values above are not followed and counted. @default unlimited: real servers send milliseconds */
  retryLimit?: number;
  /** Reconnection time where the server asks for none, or for one above the limit. @default 3000 */
  retryDefaultMs?: number;
  /** Longest silence of a stream that is no fault. @default 30000 */
  silenceLimitMs?: number;
  /** Where the id of an event stands in its data: see `createExtractor`. @default the `id` field */
  idFrom?: string;
  /** Where the server's time of an event stands in its data. @default `"ts":<unix us>` anywhere in it */
  timeFrom?: string;

  /** Record what happens in each interval of so many milliseconds. @default not recorded */
  signalEveryMs?: number;

  /** Read the events as chunks of a language model's answer in OpenAI's format. @default false */
  llm?: boolean;

  responseLimits?: Partial<ResponseLimits>;
  eventLimits?: Partial<EventLimits>;
}

export interface SlowReaders {
  share: number;
  bytesPerSec: number;
}

/**
 * `fresh`: the connection begins another stream, after a short growing pause where it failed before its head.
 * `resume`: like an EventSource, also after an orderly end: after half to all of the reconnection time, with
 * `Last-Event-ID`.
 * `never`: the connection is not replaced, however its stream ended; what is left at the end is what survived.
 */
export type ReconnectPolicy = 'fresh' | 'resume' | 'never';
