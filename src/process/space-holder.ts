import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { HolderQuestion, HolderReply, HolderRequest } from './holder-protocol.ts';
import {
  acceptsConnection,
  findFreePort,
  httpDownload,
  httpGet,
  readSetting,
  settingFile,
} from './space-probes.ts';

/**
 * Runs inside a new network namespace and keeps it alive: brings loopback up, answers questions about what listens
 * there, ends when its stdin does - so a harness that is killed leaves no namespace behind.
 */

/** Raise IFF_UP (1) with SIOCSIFFLAGS (0x8914) where no network program is installed. */
const RAISE_BY_PYTHON = [
  'import fcntl,socket,struct',
  "fcntl.ioctl(socket.socket(),0x8914,struct.pack('16sh14x',b'lo',1))",
].join(';');

/** Tried in turn: iproute2 is on nearly every machine, net-tools or Python on the rest. */
const WAYS_TO_RAISE_LOOPBACK: [string, ...string[]][] = [
  ['ip', 'link', 'set', 'lo', 'up'],
  ['/usr/sbin/ip', 'link', 'set', 'lo', 'up'],
  ['ifconfig', 'lo', 'up'],
  ['/usr/sbin/ifconfig', 'lo', 'up'],
  ['python3', '-c', RAISE_BY_PYTHON],
];

const failure = raiseLoopback();
if (failure) {
  reply({ failed: failure });
} else {
  // A terminal's Ctrl-C is the harness' business; this process goes when the harness closes stdin.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  reply({ ready: true });
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => void answer(JSON.parse(line) as HolderRequest));
  lines.on('close', () => process.exit(0));
}

function raiseLoopback(): string | undefined {
  const failures: string[] = [];
  for (const [program, ...args] of WAYS_TO_RAISE_LOOPBACK) {
    try {
      execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 10_000 });
      return undefined;
    } catch (error) {
      failures.push((error as Error).message.split('\n')[0]!);
    }
  }
  return `loopback cannot be brought up: ${failures[0]}; install iproute2`;
}

async function answer(request: HolderRequest): Promise<void> {
  const { id } = request;
  try {
    reply({ id, value: await ask(request) });
  } catch (error) {
    reply({ id, error: (error as Error).message || String(error) });
  }
}

function ask(question: HolderQuestion): Promise<unknown> {
  switch (question.ask) {
    case 'get':
      return httpGet(question.url, question.timeoutMs, question.from);
    case 'download':
      return httpDownload(question.url, question.file, question.timeoutMs);
    case 'accepts':
      return acceptsConnection(question.port, question.timeoutMs, question.host);
    case 'freePort':
      return findFreePort();
    case 'readSetting':
      return readSetting(question.name);
    case 'writeSetting':
      return writeFile(settingFile(question.name), question.text);
  }
}

function reply(message: HolderReply): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
