import type { EventListener, EventQueue } from './event-queue.ts';

/** Hands what is in a queue to a listener, one batch at a time, until it is stopped. */
export interface EventDelivery {
  /** Delivers what is left. Rejects with what the listener threw, after which nothing more was delivered. */
  stop(): Promise<void>;
}

export function deliverEvents(queue: EventQueue, listener: EventListener): EventDelivery {
  let stopped = false;
  let stop: () => void;
  const whenStopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const deliver = async (): Promise<void> => {
    while (!stopped) {
      await Promise.race([queue.whenFilled(), whenStopped]);
      const events = queue.takeAll();
      if (events.length > 0) await listener(events);
    }
    const rest = queue.takeAll();
    if (rest.length > 0) await listener(rest);
  };
  const done = deliver();
  // A failure is told by stop(); before, it must not end the process.
  done.catch(() => {});
  return {
    stop() {
      stopped = true;
      stop();
      return done;
    },
  };
}
