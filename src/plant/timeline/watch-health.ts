import type { FaultRecord, HealthProbe, NetworkCount } from '../../model/fault.ts';
import { readTcpCounters } from '../../observe/tcp-counters.ts';
import type { NetworkSpace } from '../../process/network-space.ts';
import { PROBE_ADDRESS } from './packet-rules.ts';

/** What monitoring would see beside a load: whether the target calls itself healthy. */
export interface HealthWatch {
  seen(): Pick<FaultRecord, 'health' | 'noHealth' | 'network'>;
  stop(): Promise<void>;
}

const PROBE_EVERY_MS = 200;
/** Longer than a usual answer, shorter than what any monitoring would wait. */
const PROBE_TIMEOUT_MS = 1000;
const COUNT_EVERY_MS = 100;

/**
 * Ask the target for its health and read the kernel's TCP counters, until stopped. The questions go to the target itself
 * and from an address that no rule of a fault applies to, as from inside a network whose outside is disturbed. A target
 * that is not on that loopback cannot be reached from there and is asked from anywhere: no rule stands before it.
 * @param path readiness path; undefined where the scenario names none
 */
export function watchHealth(space: NetworkSpace, targetUrl: string, path: string | undefined): HealthWatch {
  const health: HealthProbe[] = [];
  const network: NetworkCount[] = [];
  const pending = new Set<Promise<void>>();
  const from = new URL(targetUrl).hostname.startsWith('127.') ? PROBE_ADDRESS : undefined;
  const probe = async (): Promise<void> => {
    const atMs = Date.now();
    let green: boolean;
    try {
      const { status } = await space.get(`${targetUrl}${path}`, PROBE_TIMEOUT_MS, from);
      green = status >= 200 && status < 300;
    } catch {
      green = false;
    }
    health.push({ atMs, green, tookMs: Date.now() - atMs });
  };
  const count = (): void => {
    const counters = readTcpCounters(space.pid);
    if (!counters) return;
    const { TCPSynRetrans: synRetransmissions, RetransSegs: retransmissions } = counters;
    network.push({
      atMs: Date.now(),
      ...(synRetransmissions === undefined ? {} : { synRetransmissions }),
      ...(retransmissions === undefined ? {} : { retransmissions }),
    });
  };
  const timers: NodeJS.Timeout[] = [];
  if (path !== undefined) {
    timers.push(
      setInterval(() => {
        const asked = probe();
        pending.add(asked);
        void asked.finally(() => pending.delete(asked));
      }, PROBE_EVERY_MS),
    );
  }
  if (space.isolated) timers.push(setInterval(count, COUNT_EVERY_MS));
  return {
    seen: () => ({
      health: health.toSorted((a, b) => a.atMs - b.atMs),
      ...(path === undefined ? { noHealth: 'the scenario names no target.ready.path' } : {}),
      network,
    }),
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(pending);
    },
  };
}
