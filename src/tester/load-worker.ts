import { parentPort, workerData } from 'node:worker_threads';
import { transferablesOf } from './load-tally.ts';
import { startLoadThread } from './load-thread.ts';
import { deliverEvents } from './tap/deliver-events.ts';
import { EventQueue } from './tap/event-queue.ts';
import type { FromWorker, ToWorker, WorkerTask } from './worker-protocol.ts';

/** A thread that does its share of a load. Sockets stay in here; what leaves is counts and copies of events. */
const port = parentPort!;
const { options, share, tapCapacity } = workerData as WorkerTask;

function post(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

port.once('message', () => {
  const tap = tapCapacity === undefined ? undefined : new EventQueue(tapCapacity);
  let allowNext: (() => void) | undefined;
  const delivery =
    tap &&
    deliverEvents(tap, (events) => {
      post({ kind: 'events', events });
      return new Promise<void>((resolve) => {
        allowNext = resolve;
      });
    });
  const thread = startLoadThread(options, share, tap ? { tap } : {});
  port.on('message', (message: ToWorker) => {
    if (message === 'interrupt') thread.interrupt();
    else if (message === 'taken') allowNext?.();
    else if (message === 'sample') {
      // Copied, not moved: the thread goes on counting.
      post({ kind: 'sample', tally: thread.tally.data(), loopDelayP99Us: thread.loopDelayP99Us() });
    }
  });
  void thread.result.then(async (result) => {
    await delivery?.stop();
    post({ kind: 'result', result }, transferablesOf(result.tally));
    port.close();
  });
});
post({ kind: 'ready' });
