import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { UserError } from '../model/errors.ts';
import type { ProcessExit } from '../model/tool.ts';
import type { CaptureRecord } from '../model/wire.ts';
import { captureFilter, exceptHost, SNAP_LENGTH } from '../pcap/capture-filter.ts';
import { findExecutable } from '../process/find-executable.ts';
import type { ProcessRegistry } from '../process/process-registry.ts';
import { readOutput } from '../process/read-output.ts';
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
const VERSION_WITHIN_MS = 5000;
/** Its last words are in the pipe when it ends; only a process that it left behind could keep the pipe open. */
const LAST_WORDS_WITHIN_MS = 1000;
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
        return { available: true, version: await readVersion() };
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
  // Its words come through a pipe: Ubuntu's AppArmor profile may put /dev/null in the place of a file handed to it.
  const running = startProcess({
    argv: request.space.wrap(commandLine(path, request)),
    stdoutFile: '/dev/null',
    stderrFile: null,
    registry,
  });
  const capture: Running = {
    request,
    running,
    ended: watchEnd(running),
    words: collectWords(running.stderr!),
  };
  const refusal = await waitUntilListening(capture, path);
  if (refusal) {
    await writeLog(capture);
    return refusal;
  }
  let stopped: Promise<CaptureRecord> | undefined;
  return {
    stop() {
      stopped ??= endCapture(capture);
      return stopped;
    },
  };
}

/** A tcpdump that has been started. */
interface Running {
  request: CaptureRequest;
  running: RunningProcess;
  ended: { exit: ProcessExit | undefined };
  words: Words;
}

async function waitUntilListening(capture: Running, path: string): Promise<CaptureRefusal | undefined> {
  const { running, ended, words } = capture;
  const deadline = performance.now() + LISTENING_WITHIN_MS;
  while (!saysListening(words.soFar())) {
    if (ended.exit !== undefined) return explainRefusal(ended.exit.spawnError ?? (await words.all()), path);
    if (performance.now() > deadline) {
      await running.stop([{ signal: 'SIGKILL', waitMs: 1000 }]);
      const reason = `tcpdump did not start to listen within ${LISTENING_WITHIN_MS / 1000} s`;
      return { reason, remedy: `run \`${path} -i lo\` by hand to see what it says` };
    }
    await sleep(POLL_MS);
  }
  return undefined;
}

function commandLine(path: string, request: CaptureRequest): [string, ...string[]] {
  const { mode, file, immediate } = request;
  return [
    path,
    ...['-i', 'lo', '-p', '-n'],
    ...['-s', String(SNAP_LENGTH[mode]), '-B', String(request.bufferKib ?? BUFFER_KIB)],
    // As root it would hand the file to a user of its own, who may not write into the results folder.
    ...(process.getuid?.() === 0 ? ['-Z', 'root'] : []),
    ...(immediate ? ['--immediate-mode'] : []),
    ...['-w', file],
    describeFilter(request),
  ];
}

async function endCapture(capture: Running): Promise<CaptureRecord> {
  const { request, running, ended, words } = capture;
  await Promise.race([sleep(request.immediate ? IMMEDIATE_TAIL_MS : TAIL_MS), running.exited]);
  const diedBefore = ended.exit !== undefined;
  const exit = await running.stop(STOP_LADDER);
  const log = await words.all();
  await writeLog(capture);
  if (diedBefore) {
    const { reason } = explainRefusal(log, 'tcpdump');
    return { state: 'failed', reason: `tcpdump ended before it was stopped (${reason})` };
  }
  if (exit.unended !== undefined) return { state: 'failed', reason: `tcpdump ${exit.unended}` };
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
    filter: describeFilter(request),
    snapLength: SNAP_LENGTH[request.mode],
    port: request.port,
    ...(request.upstreamPort === undefined ? {} : { upstreamPort: request.upstreamPort }),
    ...counts,
    isolated: request.space.isolated,
  };
}

async function readVersion(): Promise<string> {
  const path = findExecutable('tcpdump') ?? 'tcpdump';
  const { stdout, stderr } = await readOutput([path, '--version'], { timeoutMs: VERSION_WITHIN_MS });
  return /tcpdump version (\S+)/.exec(`${stdout}\n${stderr}`)?.[1] ?? 'unknown version';
}

function watchEnd(running: RunningProcess): { exit: ProcessExit | undefined } {
  const seen: { exit: ProcessExit | undefined } = { exit: undefined };
  void running.exited.then((exit) => {
    seen.exit = exit;
  });
  return seen;
}

interface Words {
  soFar(): string;
  /** What it has said when it has ended. */
  all(): Promise<string>;
}

function collectWords(stderr: Readable): Words {
  let text = '';
  stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const closed = new Promise<void>((resolve) => stderr.once('close', () => resolve()));
  return {
    soFar: () => text,
    async all() {
      await Promise.race([closed, sleep(LAST_WORDS_WITHIN_MS)]);
      return text;
    },
  };
}

/** Beside the capture: `capture.pcap` has `capture-tcpdump.txt`. */
async function writeLog({ request, words }: Running): Promise<void> {
  try {
    await writeFile(`${request.file.replace(/\.pcap$/, '')}-tcpdump.txt`, words.soFar());
  } catch (error) {
    // The folder may be full or gone; what tcpdump said is in the record, which matters more.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function describeFilter({ mode, port, upstreamPort, exceptHost: host }: CaptureRequest): string {
  const filter = captureFilter(mode, port, upstreamPort);
  return host === undefined ? filter : exceptHost(filter, host);
}
