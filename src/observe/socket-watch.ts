import type { SocketRecord } from '../model/run-record.ts';
import { RunningLine } from '../stats/running-line.ts';
import { readPortSockets } from '../target/drain.ts';

/**
 * A look costs the kernel some 3 us per socket of the space (13.5 ms for 4000), all of it in the harness: twice a second
 * finds queues that last, and a look that took long makes the next ones rarer.
 */
const LOOK_EVERY_MS = 500;
const MOST_SHARE = 0.01;
/** Two looks always lie on a line; ten that do so by chance are rare. */
const LOOKS_OF_A_TREND = 10;

export interface SocketWatch {
  stop(): SocketRecord | undefined;
  abandon(): void;
}

/** Watch the sockets on one port of the space that `pid` is in, until `stop`. */
export function watchSockets(pid: number, port: number): SocketWatch {
  let record: SocketRecord | undefined;
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const closeWaits = new RunningLine();

  function look(): void {
    const startedAt = performance.now();
    let sockets: ReturnType<typeof readPortSockets>;
    try {
      sockets = readPortSockets(pid, port);
    } catch {
      // The space is gone before its time; what was seen until then stands.
      over = true;
      return;
    }
    const { acceptQueue, closeWait, established, timeWait } = sockets;
    const before = record;
    closeWaits.add(startedAt / 1000, closeWait);
    record = {
      looks: (before?.looks ?? 0) + 1,
      looksWithQueue: (before?.looksWithQueue ?? 0) + (acceptQueue > 0 ? 1 : 0),
      acceptQueueMax: Math.max(before?.acceptQueueMax ?? 0, acceptQueue),
      closeWaitBefore: before?.closeWaitBefore ?? closeWait,
      closeWaitMax: Math.max(before?.closeWaitMax ?? 0, closeWait),
      closeWaitAfter: closeWait,
      establishedMax: Math.max(before?.establishedMax ?? 0, established),
      timeWaitBefore: before?.timeWaitBefore ?? timeWait,
      timeWaitMax: Math.max(before?.timeWaitMax ?? 0, timeWait),
    };
    const tookMs = performance.now() - startedAt;
    timer = setTimeout(look, Math.max(LOOK_EVERY_MS, tookMs / MOST_SHARE));
  }

  look();
  return {
    stop() {
      clearTimeout(timer);
      if (!over) look();
      clearTimeout(timer);
      const { slope, fit } = closeWaits;
      if (!record || slope === undefined || closeWaits.count < LOOKS_OF_A_TREND) return record;
      return { ...record, closeWaitPerSec: slope, ...(fit === undefined ? {} : { closeWaitFit: fit }) };
    },
    abandon: () => clearTimeout(timer),
  };
}
