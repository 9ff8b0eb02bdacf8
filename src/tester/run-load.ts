import type { TesterResult } from '../model/tester-report.ts';
import type { LoadOptions } from './load-options.ts';
import { startLoadThread, type ThreadResult } from './load-thread.ts';
import { runWorkers } from './run-workers.ts';
import { summarizeLoad } from './summarize-load.ts';
import type { Transport } from './transport/transport.ts';

/** What a load may be given besides its options. */
export interface LoadHooks {
  /** Aborting ends the window at once; the result is then of the window so far, `interrupted: true`. */
  signal?: AbortSignal;
  /** Connections of another kind than the options choose, for a load on this thread. */
  transport?: Transport;
}

/**
 * Run one load to its end, on this thread or on worker threads.
 * Never rejects for what the server does: failures are outcomes.
 */
export async function runLoad(options: LoadOptions, hooks: LoadHooks = {}): Promise<TesterResult> {
  const { workers = 1 } = options;
  const results =
    workers > 1 ? await runWorkers(options, workers, hooks.signal) : [await runHere(options, hooks)];
  return summarizeLoad(options, results, process.memoryUsage.rss());
}

async function runHere(options: LoadOptions, { signal, transport }: LoadHooks): Promise<ThreadResult> {
  const thread = startLoadThread(options, { first: 0, step: 1 }, transport);
  signal?.addEventListener('abort', thread.interrupt);
  if (signal?.aborted) thread.interrupt();
  try {
    return await thread.result;
  } finally {
    signal?.removeEventListener('abort', thread.interrupt);
  }
}
