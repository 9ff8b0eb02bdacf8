/** What tcpdump counted, from the three lines it prints at its end. */
export interface CaptureCounts {
  packets: number;
  receivedByFilter: number;
  droppedByKernel: number;
}

/** Why no packets can be had, and what to do about it; both one phrase without full stop. */
export interface CaptureRefusal {
  reason: string;
  remedy: string;
}

/** tcpdump 4.99 says this once its socket is open and bound: packets from here on are recorded. */
export function saysListening(stderr: string): boolean {
  return /^tcpdump: listening on /m.test(stderr) || /^listening on .*, link-type /m.test(stderr);
}

/** Undefined when a count is missing. `dropped by interface` is not read: libpcap reports absurd values there. */
export function parseCounts(stderr: string): CaptureCounts | undefined {
  const packets = lastCount(stderr, /(\d+) packets? captured/g);
  const receivedByFilter = lastCount(stderr, /(\d+) packets? received by filter/g);
  const droppedByKernel = lastCount(stderr, /(\d+) packets? dropped by kernel/g);
  if (packets === undefined || receivedByFilter === undefined || droppedByKernel === undefined) {
    return undefined;
  }
  return { packets, receivedByFilter, droppedByKernel };
}

function lastCount(text: string, pattern: RegExp): number | undefined {
  const last = [...text.matchAll(pattern)].at(-1);
  return last ? Number(last[1]) : undefined;
}

/** Name cause and remedy of a tcpdump that ended by itself. `path` is the binary's. */
export function explainRefusal(stderr: string, path: string): CaptureRefusal {
  if (/permission to (perform|capture)|Operation not permitted/.test(stderr)) {
    return {
      reason: 'capturing needs CAP_NET_RAW',
      remedy: `run as root, or \`setcap cap_net_raw=ep ${path}\``,
    };
  }
  const device = /: (\S+): (?:No such device|That device doesn't exist)/.exec(stderr);
  if (device) {
    return {
      reason: `the interface ${device[1]} does not exist here`,
      remedy: 'give the network namespace a loopback interface',
    };
  }
  const file =
    /tcpdump: (\/.+): (Permission denied|No such file or directory|Is a directory|No space left on device)/.exec(
      stderr,
    );
  if (file) {
    return {
      reason: `tcpdump cannot write ${file[1]}: ${file[2]!.toLowerCase()}`,
      remedy: 'choose another results folder with --out',
    };
  }
  const lines = stderr.split('\n').map((line) => line.trim());
  const last = lines.filter((line) => line !== '').at(-1) ?? 'it ended without a word';
  return { reason: `tcpdump failed: ${last.replace(/^tcpdump: /, '')}`, remedy: 'run `ssee-bench check`' };
}
