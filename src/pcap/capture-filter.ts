import type { CaptureMode } from '../model/plan.ts';

type ActiveMode = Exclude<CaptureMode, 'off'>;

/**
 * Bytes kept of each frame. 128 leaves 62 bytes of payload behind Ethernet, IPv4 and TCP with timestamps: the
 * chunk size and first field of an event, not a whole response head. 262144 is all of any frame.
 */
export const SNAP_LENGTH: Record<ActiveMode, number> = { flags: 96, headers: 128, full: 262_144 };

/** libpcap filter for one server port, and for that of the target behind a proxy. Flags keeps only packets that open or end a connection, IPv6 included. */
export function captureFilter(mode: ActiveMode, port: number, upstreamPort?: number): string {
  if (mode !== 'flags') {
    return upstreamPort === undefined ? `tcp port ${port}` : `tcp port ${port} or tcp port ${upstreamPort}`;
  }
  // `tcp[...]` reads IPv4 only; in IPv6 without extension headers the flags are byte 53.
  return `tcp port ${port} and (tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0 or (ip6 and ip6[53] & 7 != 0))`;
}

/** The same without the packets of one host: those of the harness' own health probes. */
export function exceptHost(filter: string, host: string): string {
  return `(${filter}) and not host ${host}`;
}

/** Whether a stored capture saw every segment to the port or only SYN, FIN and RST. */
export function sawAllSegments(capture: { filter: string; port: number; upstreamPort?: number }): boolean {
  const filter = /^\((.*)\) and not host [\d.]+$/.exec(capture.filter)?.[1] ?? capture.filter;
  return filter === captureFilter('headers', capture.port, capture.upstreamPort);
}
