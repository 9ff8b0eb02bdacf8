import type { SocketRecord } from '../model/run-record.ts';
import { RunningLine } from '../stats/running-line.ts';
import { PortTables } from './port-tables.ts';

/**
 * A look costs the kernel some 1.7 ms per table, which it walks whole however few sockets are in it, and some 3 us per
 * socket (13.5 ms for 4000), all of it in the harness: twice a second finds queues that last, and a look that took long
 * makes the next ones rarer.
 */
const LOOK_EVERY_MS = 500;
/** Of one CPU; until there are looks enough for a trend, and afterwards. */
const MOST_SHARE_AT_FIRST = 0.01;
const MOST_SHARE = 0.002;
/** A table without a socket of the port is read at every eighth look: a client of the other family can still come. */
const LOOKS_PER_FULL_LOOK = 8;
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
  const tables = new PortTables(pid, port);

  function look(isLast = false): void {
    const startedAt = performance.now();
    const looks = (record?.looks ?? 0) + 1;
    const sockets = tables.count(isLast || looks % LOOKS_PER_FULL_LOOK === 1);
    if (!sockets) {
      // The space is gone before its time; what was seen until then stands.
      over = true;
      return;
    }
    const { acceptQueue, closeWait, established, timeWait } = sockets;
    const before = record;
    closeWaits.add(startedAt / 1000, closeWait);
    record = {
      looks,
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
    const share = looks < LOOKS_OF_A_TREND ? MOST_SHARE_AT_FIRST : MOST_SHARE;
    timer = setTimeout(look, Math.max(LOOK_EVERY_MS, tookMs / share));
  }

  look();
  return {
    stop() {
      clearTimeout(timer);
      if (!over) look(true);
      clearTimeout(timer);
      const { slope, fit } = closeWaits;
      if (!record || slope === undefined || closeWaits.count < LOOKS_OF_A_TREND) return record;
      return { ...record, closeWaitPerSec: slope, ...(fit === undefined ? {} : { closeWaitFit: fit }) };
    },
    abandon: () => clearTimeout(timer),
  };
}
