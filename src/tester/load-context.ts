import type { LoadOptions } from './load-options.ts';
import type { LoadTally } from './load-tally.ts';
import type { StreamSchedule } from './stream-schedule.ts';
import type { EventQueue } from './tap/event-queue.ts';
import type { Transport } from './transport/transport.ts';

/** What the connections of one thread share. */
export interface LoadContext {
  readonly options: LoadOptions;
  readonly tally: LoadTally;
  readonly schedule: StreamSchedule;
  readonly transport: Transport;
  /** For the connections that read slowly: small reads, so that what they take is spread over time. */
  readonly slowTransport: Transport;
  /** Where copies of the events go, for those who listen. */
  readonly tap?: EventQueue;
  /** The request with one character per byte: Node writes short strings from its stack, without a buffer to pin. */
  readonly requestText: string;
  /** What the request accepts besides bytes as they are. */
  readonly acceptEncoding: string | undefined;
  /** When each connection wants `onDue`, by slot: one scan over an array instead of a timer per connection. */
  readonly dueMs: Float64Array;
  /** When each connection that reads slowly may read on, by slot. */
  readonly readOnMs: Float64Array;
  /** The connection has no stream in flight and starts no other. */
  onRetired(): void;
}
