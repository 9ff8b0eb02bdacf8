import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { UserError } from '../model/errors.ts';
import type { ProcessExit } from '../model/tool.ts';
import type { CaptureRecord } from '../model/wire.ts';
import { captureFilter, SNAP_LENGTH } from '../pcap/capture-filter.ts';
import { findExecutable } from '../process/find-executable.ts';
import type { ProcessRegistry } from '../process/process-registry.ts';
import { type RunningProcess, type SignalLadder, startProcess } from '../process/start-process.ts';
import type { ActiveCapture, CaptureRequest, PacketCapture } from './packet-capture.ts';
import { type CaptureRefusal, explainRefusal, parseCounts, saysListening } from './tcpdump-messages.ts';

/** Ring buffer, KiB. The default of 2 MiB drops up to 9 % of 1 KB events at full speed, 32 MiB none. */
const BUFFER_KIB = 32_768;
/**
 * libpcap hands over a block of packets when it is full or a second old. Stopped earlier, tcpdump loses the last
 * block - the FINs and RSTs - and counts it nowhere.
 */
const TAIL_MS = 1100;
/** In immediate mode packets come one by one; this only lets tcpdump read what has just arrived. */
const IMMEDIATE_TAIL_MS = 150;
const LISTENING_WITHIN_MS = 10_000;
const POLL_MS = 5;
/** SIGINT makes it write its counts within 30 ms. SIGKILL would leave an incomplete file. */
const STOP_LADDER: SignalLadder = [
  { signal: 'SIGINT', waitMs: 5000 },
  { signal: 'SIGKILL', waitMs: 1000 },
];

/** Packet capture by tcpdump on the loopback interface of a trial's network space. */
export function createTcpdumpCapture(options: { registry: ProcessRegistry }): PacketCapture {
  const { registry } = options;

  async function start(request: CaptureRequest): Promise<ActiveCapture> {
    const begun = await beginCapture(request, registry);
    if ('reason' in begun) throw new UserError(`${begun.reason}; ${begun.remedy}`, 1);
    return begun;
  }

  return {
    name: 'tcpdump',
    start,
    async probe(space) {
      const dir = await mkdtemp(join(tmpdir(), 'ssee-bench-probe-'));
      try {
        const port = await space.freePort();
        const request = { mode: 'headers', file: join(dir, 'probe.pcap'), immediate: true } as const;
        const begun = await beginCapture({ ...request, port, space }, registry);
        if ('reason' in begun) return { available: false, ...begun };
        // Nobody listens there: the refused attempt is two packets that must be seen.
        await space.accepts(port, 1000);
        const record = await begun.stop();
        if (record.state !== 'done') {
          const reason = record.reason;
          return { available: false, reason, remedy: 'run `tcpdump -i lo` by hand to see what it says' };
        }
        if (record.packets === 0) {
          const reason = 'tcpdump runs but saw no packet on the loopback interface';
          return { available: false, reason, remedy: 'run as root, outside of containers that hide it' };
        }
        return { available: true, version: await readVersion(dir, registry) };
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    },
  };
}

async function beginCapture(
  request: CaptureRequest,
  registry: ProcessRegistry,
): Promise<ActiveCapture | CaptureRefusal> {
  const path = findExecutable('tcpdump');
  if (path === undefined) {
    return { reason: 'tcpdump is not installed', remedy: 'install it: `apt-get install tcpdump`' };
  }
  const logFile = logFileOf(request.file);
  const running = startProcess({
    argv: request.space.wrap(commandLine(path, request)),
    stdoutFile: logFile,
    stderrFile: logFile,
    registry,
  });
  const ended = watchEnd(running);
  const deadline = performance.now() + LISTENING_WITHIN_MS;
  while (!saysListening(await readLog(logFile))) {
    if (ended.exit !== undefined) {
      const said = ended.exit.spawnError ?? (await readLog(logFile));
      return explainRefusal(said, path);
    }
    if (performance.now() > deadline) {
      await running.stop([{ signal: 'SIGKILL', waitMs: 1000 }]);
      const reason = `tcpdump did not start to listen within ${LISTENING_WITHIN_MS / 1000} s`;
      return { reason, remedy: `run \`${path} -i lo\` by hand to see what it says` };
    }
    await sleep(POLL_MS);
  }
  let stopped: Promise<CaptureRecord> | undefined;
  return {
    stop() {
      stopped ??= endCapture(request, running, ended, logFile);
      return stopped;
    },
  };
}

function commandLine(path: string, { mode, port, file, immediate }: CaptureRequest): [string, ...string[]] {
  return [
    path,
    ...['-i', 'lo', '-p', '-n'],
    ...['-s', String(SNAP_LENGTH[mode]), '-B', String(BUFFER_KIB)],
    // As root it would hand the file to a user of its own, who may not write into the results folder.
    ...(process.getuid?.() === 0 ? ['-Z', 'root'] : []),
    ...(immediate ? ['--immediate-mode'] : []),
    ...['-w', file],
    captureFilter(mode, port),
  ];
}

/** Beside the capture: `capture.pcap` has `capture-tcpdump.txt`. */
function logFileOf(file: string): string {
  return `${file.replace(/\.pcap$/, '')}-tcpdump.txt`;
}

async function endCapture(
  request: CaptureRequest,
  running: RunningProcess,
  ended: { exit: ProcessExit | undefined },
  logFile: string,
): Promise<CaptureRecord> {
  await Promise.race([sleep(request.immediate ? IMMEDIATE_TAIL_MS : TAIL_MS), running.exited]);
  const diedBefore = ended.exit !== undefined;
  const exit = await running.stop(STOP_LADDER);
  const log = await readLog(logFile);
  if (diedBefore) {
    const { reason } = explainRefusal(log, 'tcpdump');
    return { state: 'failed', reason: `tcpdump ended before it was stopped (${reason})` };
  }
  if (exit.signal === 'SIGKILL') {
    return { state: 'failed', reason: 'tcpdump did not stop and was killed; its file is incomplete' };
  }
  const counts = parseCounts(log);
  if (exit.code !== 0 || counts === undefined) {
    return { state: 'failed', reason: explainRefusal(log, 'tcpdump').reason };
  }
  return {
    state: 'done',
    file: basename(request.file),
    filter: captureFilter(request.mode, request.port),
    snapLength: SNAP_LENGTH[request.mode],
    port: request.port,
    ...counts,
    isolated: request.space.isolated,
  };
}

async function readVersion(dir: string, registry: ProcessRegistry): Promise<string> {
  const file = join(dir, 'version.txt');
  const argv: [string, ...string[]] = [findExecutable('tcpdump') ?? 'tcpdump', '--version'];
  await startProcess({ argv, stdoutFile: file, stderrFile: file, registry }).exited;
  const text = await readLog(file);
  return /tcpdump version (\S+)/.exec(text)?.[1] ?? 'unknown version';
}

function watchEnd(running: RunningProcess): { exit: ProcessExit | undefined } {
  const seen: { exit: ProcessExit | undefined } = { exit: undefined };
  void running.exited.then((exit) => {
    seen.exit = exit;
  });
  return seen;
}

/** What it has said so far. The file may be gone: a results folder can be deleted under a run. */
async function readLog(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
