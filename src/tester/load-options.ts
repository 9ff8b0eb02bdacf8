import type { ResponseLimits } from '../http/response-limits.ts';
import type { StreamKind } from '../model/plan.ts';
import type { EventLimits } from '../sse/event-parser.ts';

/** One load: everything is decided, nothing is guessed from the first answer. */
export interface LoadOptions {
  /** Numeric address: names are resolved before the load, not per connection. */
  address: string;
  port: number;
  /** Exact bytes of each request. */
  request: Buffer;
  /** The request is a HEAD request: its response has no body. */
  toHead: boolean;
  connections: number;
  durationMs: number;
  /** Limit of connecting, of the head, of the first event and of silence; also the most that a drain takes. */
  timeoutMs: number;
  /** `finite`: the stream ends by itself. `endless`: it is open and alive at the deadline. */
  stream: StreamKind;
  /** Requests per second per connection at most; absent means the next request follows the end of the last. */
  ratePerConnection?: number;
  /** Anything but status 200 with `text/event-stream` is an `http-error`. */
  expectEventStream: boolean;
  responseLimits?: Partial<ResponseLimits>;
  eventLimits?: Partial<EventLimits>;
}
