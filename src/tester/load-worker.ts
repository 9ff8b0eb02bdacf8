import { parentPort, workerData } from 'node:worker_threads';
import { transferablesOf } from './load-tally.ts';
import { startLoadThread } from './load-thread.ts';
import type { FromWorker, ToWorker, WorkerTask } from './worker-protocol.ts';

/** A thread that does its share of a load. Sockets stay in here; what leaves is counts. */
const port = parentPort!;
const { options, share } = workerData as WorkerTask;

port.once('message', () => {
  const thread = startLoadThread(options, share);
  port.on('message', (message: ToWorker) => {
    if (message === 'interrupt') thread.interrupt();
  });
  void thread.result.then((result) => {
    const message: FromWorker = { kind: 'result', result };
    port.postMessage(message, transferablesOf(result.tally));
    port.close();
  });
});
port.postMessage({ kind: 'ready' } satisfies FromWorker);
