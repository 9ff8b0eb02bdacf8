import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { UserError } from '../model/errors.ts';
import { PACKAGE_ROOT } from '../process/package-root.ts';
import type { ThreadSample } from './live/live-sampler.ts';
import type { LoadOptions } from './load-options.ts';
import type { ThreadResult } from './load-thread.ts';
import type { EventListener } from './tap/event-queue.ts';
import type { FromWorker, ToWorker, WorkerTask } from './worker-protocol.ts';

/** The worker threads of one load. */
export interface LoadWorkers {
  /** Rejects when a thread dies, which only a bug or a lack of memory can cause. */
  readonly result: Promise<ThreadResult[]>;
  interrupt(): void;
  sample(): Promise<ThreadSample[]>;
  /** Ends all threads, whatever they are doing. */
  end(): Promise<void>;
}

/** Start threads that begin together, once all of them are ready. */
export async function startLoadWorkers(
  options: LoadOptions,
  workers: number,
  tap?: { capacity: number; listener: EventListener },
): Promise<LoadWorkers> {
  const program = locateWorker();
  const threads = Array.from({ length: workers }, (_, first) => {
    const task: WorkerTask = {
      options,
      share: { first, step: workers },
      ...(tap ? { tapCapacity: Math.ceil(tap.capacity / workers) } : {}),
    };
    return new WorkerThread(new Worker(program, { workerData: task }), tap?.listener);
  });
  const end = async (): Promise<void> => {
    await Promise.all(threads.map((thread) => thread.end()));
  };
  try {
    await Promise.all(threads.map((thread) => thread.ready));
  } catch (error) {
    await end();
    throw error;
  }
  for (const thread of threads) thread.tell('go');
  return {
    result: Promise.all(threads.map((thread) => thread.result)),
    interrupt() {
      for (const thread of threads) thread.tell('interrupt');
    },
    sample: () => Promise.all(threads.map((thread) => thread.sample())),
    end,
  };
}

class WorkerThread {
  readonly ready: Promise<void>;
  readonly result: Promise<ThreadResult>;
  private readonly worker: Worker;
  private readonly listener: EventListener | undefined;
  private onReady: () => void = () => {};
  private onResult: (result: ThreadResult) => void = () => {};
  private onSample: (sample: ThreadSample) => void = () => {};
  private onFailure: (error: Error) => void = () => {};

  constructor(worker: Worker, listener: EventListener | undefined) {
    this.worker = worker;
    this.listener = listener;
    const failed = new Promise<never>((_, reject) => {
      this.onFailure = reject;
    });
    this.ready = Promise.race([
      failed,
      new Promise<void>((resolve) => {
        this.onReady = resolve;
      }),
    ]);
    this.result = Promise.race([
      failed,
      new Promise<ThreadResult>((resolve) => {
        this.onResult = resolve;
      }),
    ]);
    // Whoever still waits for `ready` must not be surprised by an unhandled rejection of `result`.
    this.result.catch(() => {});
    worker.on('message', (message: FromWorker) => this.receive(message));
    worker.on('error', (error) => this.onFailure(error));
    worker.on('exit', (code) =>
      this.onFailure(new Error(`a worker thread ended with code ${code} before its result`)),
    );
  }

  tell(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  sample(): Promise<ThreadSample> {
    this.tell('sample');
    return new Promise((resolve) => {
      this.onSample = resolve;
    });
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private receive(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        this.onReady();
        return;
      case 'sample':
        this.onSample(message);
        return;
      case 'events':
        void this.deliver(message.events);
        return;
      case 'result':
        this.onResult(message.result);
        return;
    }
  }

  /** The next batch is allowed when this one has been taken: that is the back-pressure. */
  private async deliver(events: Parameters<EventListener>[0]): Promise<void> {
    try {
      await this.listener?.(events);
      this.tell('taken');
    } catch (error) {
      this.onFailure(error as Error);
    }
  }
}

/** The compiled worker: also where this module itself runs from source, which Node 20 cannot run. */
function locateWorker(): string {
  const beside = fileURLToPath(new URL('./load-worker.js', import.meta.url));
  if (existsSync(beside)) return beside;
  const built = join(PACKAGE_ROOT, 'dist/src/tester/load-worker.js');
  if (existsSync(built)) return built;
  throw new UserError('worker threads need the compiled program; run npm run build');
}
