import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { UserError } from '../../model/errors.ts';
import type { EventListener } from '../../tester/tap/event-queue.ts';

/** Writes copies of events, one line of JSON each. */
export interface EventFile {
  onEvents: EventListener;
  close(): Promise<void>;
}

/**
 * Open a file for events; an existing one is replaced. The next batch is taken when this one has been written: what a
 * slow disk cannot keep up with is dropped by the queue, which counts it.
 *
 * @param warn gets one line when writing fails; the load goes on without the file
 * @throws UserError when the file cannot be opened: before anything is measured
 */
export async function openEventFile(file: string, warn: (line: string) => void): Promise<EventFile> {
  const handle = await open(file, 'w').catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`--events ${file}: cannot be written (${error.code})`);
  });
  const stream = createWriteStream('', { fd: handle, autoClose: true });
  let failed = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!failed)
      warn(`--events ${file}: ${error.code ?? error.message}; the file ends here, the load goes on`);
    failed = true;
  });
  return {
    onEvents(events) {
      if (failed) return undefined;
      const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
      return new Promise((resolve) => stream.write(text, () => resolve()));
    },
    close: () =>
      new Promise((resolve) => {
        if (failed) resolve();
        else {
          stream.on('error', () => resolve());
          stream.end(() => resolve());
        }
      }),
  };
}
