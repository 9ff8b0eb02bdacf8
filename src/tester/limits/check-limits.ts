/** What the operating system grants this process; null where it does not tell. */
export interface SystemLimits {
  /**
   * RLIMIT_NOFILE; Infinity when unlimited. Node raises its soft limit to the hard one when it starts (up to 2^20
   * when that is unlimited; seen with Node 20.20), so the hard one is what counts.
   */
  openFiles: { soft: number; hard: number } | null;
  /** First and last port that connections are made from, as in net.ipv4.ip_local_port_range. */
  portRange: [low: number, high: number] | null;
  /** Whether this user may raise the hard limit (CAP_SYS_RESOURCE). Root in a container often may not. */
  mayRaise: boolean;
}

export interface LoadDemand extends SystemLimits {
  /** Open at the same time. */
  connections: number;
  /** Worker threads beside the main one. */
  workers: number;
  /** Addresses that connections are made from; 1 when none is chosen. */
  sourceAddresses: number;
  /** Ports of those addresses that closed connections to the same server still hold (TIME_WAIT). @default 0 */
  timeWait?: number;
  /** Whether the target is on 127.0.0.0/8, where source addresses are free. @default true */
  loopback?: boolean;
}

export interface LimitProblem {
  what: 'open files' | 'client ports';
  have: number;
  need: number;
  /** Lines to type, each of them enough alone; the one that needs least rights first. */
  remedies: string[];
}

/**
 * Files open beside the connections. Node 20 alone holds 19 and each worker thread 6 (epoll, events, pipes); the rest
 * is for what a run opens: series, key files, listening metrics, a name being resolved.
 */
const PROCESS_FILES = 64;
const WORKER_FILES = 8;

/** What Node takes at most when the hard limit is unlimited. */
const MOST_FILES_OF_NODE = 2 ** 20;
/** Default of fs.nr_open, above which the kernel refuses any limit. */
const USUAL_NR_OPEN = 2 ** 20;

/** Ports below are privileged or taken by services; ports up to 65535 exist. */
const WIDE_RANGE: readonly [low: number, high: number] = [1024, 65_535];

/**
 * Will this process get as many sockets as the load opens? Judged before it starts, because a load that runs into a
 * limit reports the limit and not the server. What the system does not tell is not judged.
 *
 * From one address there are at most as many connections to one address and port as there are ports in the range.
 * Ports that are reserved or in use for other servers' connections are not known here: a load within a few hundred of
 * the limit may still run out. The server has a limit of open files of its own.
 */
export function judgeLimits(demand: LoadDemand): { ok: boolean; problems: LimitProblem[] } {
  const problems = [judgeFiles(demand), judgePorts(demand)].filter((problem) => problem !== undefined);
  return { ok: problems.length === 0, problems };
}

function judgeFiles({ openFiles, connections, workers, mayRaise }: LoadDemand): LimitProblem | undefined {
  if (openFiles === null) return undefined;
  const have = Math.max(openFiles.soft, Math.min(openFiles.hard, MOST_FILES_OF_NODE));
  const need = connections + PROCESS_FILES + workers * WORKER_FILES;
  if (have >= need) return undefined;
  const beyondKernel = need > USUAL_NR_OPEN ? `sudo sysctl -w fs.nr_open=${need} && ` : '';
  const remedies = mayRaise
    ? [`${beyondKernel}ulimit -n ${need}`]
    : [
        // For the shell it is typed in, and so for what that starts.
        `${beyondKernel}sudo prlimit --pid $$ --nofile=${need}:${need}`,
        `docker run --ulimit nofile=${need}:${need} ...`,
      ];
  return { what: 'open files', have, need, remedies };
}

function judgePorts(demand: LoadDemand): LimitProblem | undefined {
  const { portRange, connections, sourceAddresses, timeWait = 0, loopback = true } = demand;
  if (portRange === null) return undefined;
  const perAddress = portRange[1] - portRange[0] + 1;
  const have = perAddress * sourceAddresses;
  const need = connections + timeWait;
  if (have >= need) return undefined;
  const addresses = Math.ceil(need / perAddress);
  const widePerAddress = WIDE_RANGE[1] - WIDE_RANGE[0] + 1;
  const widen = `sudo sysctl -w net.ipv4.ip_local_port_range="${WIDE_RANGE.join(' ')}"`;
  const remedies = loopback ? [`--source-addresses ${addresses}`] : [];
  if (widePerAddress * sourceAddresses >= need) remedies.push(widen);
  if (!loopback) remedies.push(`--source-addresses ${placeholders(addresses)}`);
  return { what: 'client ports', have, need, remedies };
}

/** `A,B,C`: addresses of this machine, which nobody but the user knows. */
function placeholders(count: number): string {
  return count > 3
    ? `ADDRESS1,...,ADDRESS${count}`
    : ['ADDRESS1', 'ADDRESS2', 'ADDRESS3'].slice(0, count).join(',');
}
