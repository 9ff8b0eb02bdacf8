/** Sockets on one port, from the kernel's table. */
export interface PortSockets {
  /** Server side: the target still holds an open connection. */
  established: number;
  /** Server side: the client has closed, the target has not. */
  closeWait: number;
  /** Either side: closed and waiting for stray packets. Costs a port, not the target. */
  timeWait: number;
  /** Connections that the kernel has completed and the target has not accepted yet. */
  acceptQueue: number;
}

/** States in /proc/net/tcp, hexadecimal (include/net/tcp_states.h). */
const ESTABLISHED = '01';
const TIME_WAIT = '06';
const CLOSE_WAIT = '08';
const LISTEN = '0A';

/**
 * Both addresses of each connection that the server on the port holds established, from the same text.
 * @param exceptHex end of the remote addresses to pass over, as the table writes them: `0900007F` is 127.0.0.9
 */
export function listEstablished(table: string, port: number, exceptHex: string): string[] {
  const portHex = port.toString(16).toUpperCase().padStart(4, '0');
  return table.split('\n').flatMap((line) => {
    const [slot, local, remote, state] = line.trim().split(/\s+/);
    if (!slot || !/^\d+:$/.test(slot) || !local?.endsWith(`:${portHex}`) || state !== ESTABLISHED) return [];
    return remote!.split(':')[0]!.endsWith(exceptHex) ? [] : [`${local} ${remote}`];
  });
}

/**
 * Count the sockets of one port in the text of /proc/<pid>/net/tcp or tcp6, or both joined. Goes through it in place:
 * rows of thousands of sockets, split into their columns, took as much CPU as reading every file that is sampled.
 */
export function countPortSockets(table: string, port: number): PortSockets {
  const sockets: PortSockets = { established: 0, closeWait: 0, timeWait: 0, acceptQueue: 0 };
  const portHex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (let start = 0, end = 0; start < table.length; start = end + 1) {
    end = table.indexOf('\n', start);
    if (end < 0) end = table.length;
    // `  12: 0100007F:1F90 0100007F:C350 01 00000000:00000000 ...`: of all rows only the head has no such beginning.
    const slotEnd = table.indexOf(': ', start);
    if (slotEnd < 0 || slotEnd > end) continue;
    const localEnd = table.indexOf(' ', slotEnd + 2);
    const remoteEnd = table.indexOf(' ', localEnd + 1);
    if (localEnd < 0 || remoteEnd < 0 || remoteEnd + 3 > end) continue;
    const isServerSide = table.startsWith(portHex, localEnd - portHex.length);
    if (!isServerSide && !table.startsWith(portHex, remoteEnd - portHex.length)) continue;
    const state = table.slice(remoteEnd + 1, remoteEnd + 3);
    if (state === TIME_WAIT) sockets.timeWait++;
    else if (!isServerSide) continue;
    else if (state === ESTABLISHED) sockets.established++;
    else if (state === CLOSE_WAIT) sockets.closeWait++;
    // Of a listener the receive queue is its accept queue (tcp_ipv4.c, get_tcp4_sock).
    else if (state === LISTEN) sockets.acceptQueue += readReceiveQueue(table, remoteEnd + 3, end);
  }
  return sockets;
}

/** The second half of `00000000:0000000A`. */
function readReceiveQueue(table: string, from: number, end: number): number {
  const colon = table.indexOf(':', from);
  return colon < 0 || colon > end ? 0 : Number.parseInt(table.slice(colon + 1, colon + 9), 16);
}
