/** Descriptors that a process needs beside its streams: output, timers, the listener, code being loaded. */
const SPARE_FILES = 64;
/** A few streams less than asked for still show the same; many fewer would show something else. */
const SMALLEST_SHARE = 0.99;

export interface HeldLimits {
  /** Hard limit of open files per process; null when unlimited. */
  openFilesHard: number | null;
  /** Ports that connections are made from, per source address. */
  ports: number;
  /** ssee-tester can make connections from several loopback addresses. */
  rotatesSources: boolean;
}

export type HeldPlan =
  | { possible: true; streams: number; sourceAddresses: number; note?: string }
  | { possible: false; reason: string };

/** How many of the streams asked for this machine can hold between two processes, and what stops it. */
export function planHeldStreams(asked: number, limits: HeldLimits): HeldPlan {
  const { openFilesHard, ports, rotatesSources } = limits;
  const mostFiles = openFilesHard === null ? asked : openFilesHard - SPARE_FILES;
  const files = `the hard limit of open files per process is ${openFilesHard} (ulimit -Hn)`;
  if (mostFiles < asked * SMALLEST_SHARE) return { possible: false, reason: files };
  const streams = Math.min(asked, mostFiles);
  const sourceAddresses = Math.ceil(streams / ports);
  if (sourceAddresses > 1 && !rotatesSources) {
    return {
      possible: false,
      reason: `one source address has ${ports} ports, and ssee-tester has no option --source-addresses`,
    };
  }
  return {
    possible: true,
    streams,
    sourceAddresses,
    ...(streams < asked ? { note: `${streams} instead of ${asked}: ${files}` } : {}),
  };
}

/** Options of ssee-tester for connections from so many loopback addresses; none for one, which is the default. */
export function sourceArguments(count: number): string[] {
  if (count === 1) return [];
  return [
    '--source-addresses',
    Array.from({ length: count }, (_, index) => `127.0.0.${index + 1}`).join(','),
  ];
}
