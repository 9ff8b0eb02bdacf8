import type { LiveListener } from '../model/live-sample.ts';
import type { TesterResult } from '../model/tester-report.ts';
import { LiveSampler, type ThreadSample } from './live/live-sampler.ts';
import type { LoadOptions } from './load-options.ts';
import { clockMs } from './load-tally.ts';
import { startLoadThread, type ThreadResult } from './load-thread.ts';
import { startLoadWorkers } from './load-workers.ts';
import { summarizeLoad } from './summarize-load.ts';
import { deliverEvents } from './tap/deliver-events.ts';
import { type EventListener, EventQueue } from './tap/event-queue.ts';
import type { Transport } from './transport/transport.ts';

/** What a load may be given besides its options. */
export interface LoadHooks {
  /** Aborting ends the window at once; the result is then of the window so far, `interrupted: true`. */
  signal?: AbortSignal;
  /** Called once a second, and once at the end of the load. */
  onSample?: LiveListener;
  /** Gets copies of the events, as many as it can take; the others are counted in `tapDropped`. What it throws ends the load. */
  onEvents?: EventListener;
  /** Connections of another kind than the options choose. For a load on this thread only. */
  transport?: Transport;
}

const SAMPLE_EVERY_MS = 1000;
/** Events that wait for a listener that is busy. */
const TAP_CAPACITY = 65_536;

/** A load in progress, on whatever threads. */
interface RunningLoad {
  result: Promise<ThreadResult[]>;
  interrupt(): void;
  sample(): ThreadSample[] | Promise<ThreadSample[]>;
  end(): Promise<void>;
}

/**
 * Run one load to its end, on this thread or on worker threads.
 * Never rejects for what the server does: failures are outcomes. Rejects with what a listener throws.
 */
export async function runLoad(options: LoadOptions, hooks: LoadHooks = {}): Promise<TesterResult> {
  const { signal, onSample } = hooks;
  const load = (options.workers ?? 1) > 1 ? await startOnWorkers(options, hooks) : startHere(options, hooks);
  const sampling = onSample && startSampling(options, load, onSample);
  signal?.addEventListener('abort', load.interrupt);
  if (signal?.aborted) load.interrupt();
  try {
    const results = await load.result;
    sampling?.finish(results);
    return summarizeLoad(options, results, process.memoryUsage.rss());
  } finally {
    sampling?.stop();
    signal?.removeEventListener('abort', load.interrupt);
    await load.end();
  }
}

function startHere(options: LoadOptions, { transport, onEvents }: LoadHooks): RunningLoad {
  const tap = onEvents && new EventQueue(TAP_CAPACITY);
  const thread = startLoadThread(
    options,
    { first: 0, step: 1 },
    { ...(transport ? { transport } : {}), ...(tap ? { tap } : {}) },
  );
  const delivery = tap && deliverEvents(tap, onEvents, thread.interrupt);
  const finish = async (): Promise<ThreadResult[]> => {
    const result = await thread.result;
    await delivery?.stop();
    return [result];
  };
  return {
    result: finish(),
    interrupt: thread.interrupt,
    sample: () => [{ tally: thread.tally.data(), loopDelayP99Us: thread.loopDelayP99Us() }],
    async end() {},
  };
}

function startOnWorkers(options: LoadOptions, { onEvents }: LoadHooks): Promise<RunningLoad> {
  const tap = onEvents && { capacity: TAP_CAPACITY, listener: onEvents };
  return startLoadWorkers(options, options.workers!, tap);
}

function startSampling(
  options: LoadOptions,
  load: RunningLoad,
  onSample: LiveListener,
): { finish(results: readonly ThreadResult[]): void; stop(): void } {
  const cpuUs = (): number => {
    const { user, system } = process.cpuUsage();
    return user + system;
  };
  const sampler = new LiveSampler(options, clockMs(), cpuUs());
  let stopped = false;
  const take = async (): Promise<void> => {
    const threads = await load.sample();
    if (!stopped) onSample(sampler.take(threads, clockMs(), cpuUs()));
  };
  const timer = setInterval(() => void take(), SAMPLE_EVERY_MS);
  const stop = (): void => {
    stopped = true;
    clearInterval(timer);
  };
  return {
    stop,
    finish(results) {
      stop();
      const threads = results.map(({ tally, selfCheck }) => ({
        tally,
        loopDelayP99Us: selfCheck.loopDelayP99Us,
      }));
      onSample(sampler.take(threads, clockMs(), cpuUs()));
    },
  };
}
