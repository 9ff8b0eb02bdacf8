import { readProcFile } from '../process/proc-stat.ts';

/** TCP counters since the namespace was made, by the kernel's own names (see snmp_counter.rst). */
export type TcpCounters = Record<string, number>;

/** Present in every difference even when they did not move, so that 0 is told from "the kernel has no such counter". */
const ALWAYS_SHOWN = new Set([
  'ActiveOpens',
  'PassiveOpens',
  'AttemptFails',
  'EstabResets',
  'InSegs',
  'OutSegs',
  'RetransSegs',
  'OutRsts',
  'ListenOverflows',
  'ListenDrops',
  'TCPTimeouts',
  'TCPSynRetrans',
  'TCPReqQFullDoCookies',
  'TCPReqQFullDrop',
  'TCPAbortOnData',
  'TCPAbortOnClose',
  'TCPAbortOnTimeout',
  'TCPToZeroWindowAdv',
  'TCPRcvQDrop',
  'TCPDSACKRecv',
  'TCPLossProbes',
  'TW',
]);

/** Settings and states among the counters of `Tcp:`; their difference means nothing. */
const NOT_COUNTERS = new Set(['RtoAlgorithm', 'RtoMin', 'RtoMax', 'MaxConn', 'CurrEstab']);

/**
 * Parse the `Tcp:` and `TcpExt:` rows of /proc/<pid>/net/snmp and netstat: each is a line of names followed by a
 * line of values. Other protocols are left out.
 */
export function parseTcpCounters(text: string): TcpCounters {
  const counters: TcpCounters = {};
  const lines = text.split('\n');
  for (let index = 0; index + 1 < lines.length; index++) {
    const [protocol, ...names] = lines[index]!.trim().split(/\s+/);
    if (protocol !== 'Tcp:' && protocol !== 'TcpExt:') continue;
    const [sameProtocol, ...values] = lines[index + 1]!.trim().split(/\s+/);
    if (sameProtocol !== protocol) continue;
    for (const [position, name] of names.entries()) {
      const value = Number(values[position]);
      if (Number.isFinite(value) && !NOT_COUNTERS.has(name)) counters[name] = value;
    }
    index++;
  }
  return counters;
}

/** The counters of the namespace that `pid` is in; undefined when the process is gone. */
export function readTcpCounters(pid: number): TcpCounters | undefined {
  const snmp = readProcFile(`/proc/${pid}/net/snmp`);
  const netstat = readProcFile(`/proc/${pid}/net/netstat`);
  return snmp === undefined || netstat === undefined ? undefined : parseTcpCounters(`${snmp}\n${netstat}`);
}

/** What moved between two readings of one namespace, and the counters that findings ask for even if they did not. */
export function subtractCounters(after: TcpCounters, before: TcpCounters): TcpCounters {
  const difference: TcpCounters = {};
  for (const [name, value] of Object.entries(after)) {
    const moved = value - (before[name] ?? 0);
    if (moved !== 0 || ALWAYS_SHOWN.has(name)) difference[name] = moved;
  }
  return difference;
}
