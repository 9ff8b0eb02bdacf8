import type { NetworkSpace } from '../process/network-space.ts';
import { readProcFile } from '../process/proc-stat.ts';
import { countPortSockets, type PortSockets } from './port-sockets.ts';

/** Reading thousands of sockets takes the kernel some 10 ms; asking more often would load what is being measured. */
const LOOK_EVERY_MS = 50;

/**
 * Wait until the target has let go of every connection to its port.
 * @returns what was left when it had, or when the time was over
 * @throws when the process inside the space is gone
 */
export async function waitForDrain(
  space: NetworkSpace,
  port: number,
  withinMs: number,
): Promise<Omit<PortSockets, 'acceptQueue'> & { waitedMs: number }> {
  const startedAt = performance.now();
  for (;;) {
    const sockets = readPortSockets(space.pid, port);
    const waitedMs = Math.round(performance.now() - startedAt);
    const { established, closeWait, timeWait } = sockets;
    if (established + closeWait === 0 || waitedMs >= withinMs) {
      return { established, closeWait, timeWait, waitedMs };
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** @throws when the process is gone */
function readPortSockets(pid: number, port: number): PortSockets {
  const v4 = readProcFile(`/proc/${pid}/net/tcp`);
  if (v4 === undefined) throw new Error(`the sockets of process ${pid} cannot be read: it is gone`);
  // Absent where IPv6 is switched off.
  const v6 = readProcFile(`/proc/${pid}/net/tcp6`) ?? '';
  return countPortSockets(`${v4}\n${v6}`, port);
}
