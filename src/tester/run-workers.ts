import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { UserError } from '../model/errors.ts';
import { PACKAGE_ROOT } from '../process/package-root.ts';
import type { LoadOptions } from './load-options.ts';
import type { ThreadResult } from './load-thread.ts';
import type { FromWorker, ToWorker, WorkerTask } from './worker-protocol.ts';

/**
 * Run a load on `workers` threads that start together once all of them are ready.
 * Rejects when a thread dies, which only a bug or a lack of memory can cause.
 */
export async function runWorkers(
  options: LoadOptions,
  workers: number,
  signal?: AbortSignal,
): Promise<ThreadResult[]> {
  const program = locateWorker();
  const threads = Array.from({ length: workers }, (_, first) => {
    const task: WorkerTask = { options, share: { first, step: workers } };
    return new WorkerThread(new Worker(program, { workerData: task }));
  });
  const tellAll = (message: ToWorker): void => {
    for (const thread of threads) thread.tell(message);
  };
  const interrupt = (): void => tellAll('interrupt');
  try {
    await Promise.all(threads.map((thread) => thread.ready));
    tellAll('go');
    signal?.addEventListener('abort', interrupt);
    if (signal?.aborted) interrupt();
    return await Promise.all(threads.map((thread) => thread.result));
  } finally {
    signal?.removeEventListener('abort', interrupt);
    await Promise.all(threads.map((thread) => thread.end()));
  }
}

class WorkerThread {
  readonly ready: Promise<void>;
  readonly result: Promise<ThreadResult>;
  private readonly worker: Worker;

  constructor(worker: Worker) {
    this.worker = worker;
    this.ready = new Promise((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') resolve();
      });
      worker.on('error', reject);
    });
    this.result = new Promise((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'result') resolve(message.result);
      });
      worker.on('error', reject);
      worker.on('exit', (code) =>
        reject(new Error(`a worker thread ended with code ${code} before its result`)),
      );
    });
    // Whoever waits for `ready` must not be surprised by an unhandled rejection of `result`.
    this.result.catch(() => {});
  }

  tell(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  async end(): Promise<void> {
    await this.worker.terminate();
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
