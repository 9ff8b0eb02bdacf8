import type { EventListener, EventQueue } from './event-queue.ts';

/** Hands what is in a queue to a listener, one batch at a time, until it is stopped. */
export interface EventDelivery {
  /** Delivers what is left. Rejects with what the listener threw, after which nothing more was delivered. */
  stop(): Promise<void>;
}

/** @param onFailure called when the listener has thrown: nothing is taken off the queue any more */
export function deliverEvents(
  queue: EventQueue,
  listener: EventListener,
  onFailure: () => void = () => {},
): EventDelivery {
  const deliver = async (): Promise<void> => {
    for (;;) {
      // Awaited alone: a race with a promise that lives as long as the load would keep a reaction per batch.
      await queue.whenFilled();
      const events = queue.takeAll();
      if (events.length === 0) return;
      await listener(events);
    }
  };
  const done = deliver();
  // The failure itself is told by stop(); before, it must not end the process.
  done.catch(onFailure);
  return {
    stop() {
      queue.close();
      return done;
    },
  };
}
