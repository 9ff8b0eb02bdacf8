import type { LoadOptions } from './load-options.ts';
import type { ThreadResult } from './load-thread.ts';
import type { Share } from './stream-schedule.ts';

/** What a worker thread is given at its start. */
export interface WorkerTask {
  options: LoadOptions;
  share: Share;
}

export type ToWorker = 'go' | 'interrupt';

export type FromWorker = { kind: 'ready' } | { kind: 'result'; result: ThreadResult };
