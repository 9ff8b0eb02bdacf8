import type { LoadOptions } from './load-options.ts';
import type { TallyData } from './load-tally.ts';
import type { ThreadResult } from './load-thread.ts';
import type { Share } from './stream-schedule.ts';
import type { TappedEvent } from './tap/event-queue.ts';

/** What a worker thread is given at its start. */
export interface WorkerTask {
  options: LoadOptions;
  share: Share;
  /** Events that may wait for the listener; absent when nobody listens. */
  tapCapacity?: number;
}

/** `sample` is answered with a sample, `taken` allows the next batch of events. */
export type ToWorker = 'go' | 'interrupt' | 'sample' | 'taken';

export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'sample'; tally: TallyData; loopDelayP99Us: number }
  | { kind: 'events'; events: TappedEvent[] }
  | { kind: 'result'; result: ThreadResult };
