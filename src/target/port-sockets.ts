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

/** Count the sockets of one port in the text of /proc/<pid>/net/tcp or tcp6, or both joined. */
export function countPortSockets(table: string, port: number): PortSockets {
  const sockets: PortSockets = { established: 0, closeWait: 0, timeWait: 0, acceptQueue: 0 };
  const portHex = port.toString(16).toUpperCase().padStart(4, '0');
  for (const line of table.split('\n')) {
    const [slot, local, remote, state, queues] = line.trim().split(/\s+/);
    if (!slot || !/^\d+:$/.test(slot) || !local || !remote) continue;
    const isServerSide = local.endsWith(`:${portHex}`);
    if (isServerSide && state === ESTABLISHED) sockets.established++;
    else if (isServerSide && state === CLOSE_WAIT) sockets.closeWait++;
    // Of a listener the receive queue is its accept queue (tcp_ipv4.c, get_tcp4_sock).
    else if (isServerSide && state === LISTEN)
      sockets.acceptQueue += Number.parseInt(queues?.split(':')[1] ?? '0', 16);
    else if (state === TIME_WAIT && (isServerSide || remote.endsWith(`:${portHex}`))) sockets.timeWait++;
  }
  return sockets;
}
