import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { UserError } from '../model/errors.ts';
import { findExecutable } from './find-executable.ts';
import type { HolderAnswer, HolderQuestion, HolderReply } from './holder-protocol.ts';
import type { Download, NetworkSpace } from './network-space.ts';
import { PACKAGE_ROOT } from './package-root.ts';
import { signalProcess } from './process-family.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { explainMissing, type RunningProcess, type SignalLadder, startProcess } from './start-process.ts';

/** Compiled even when this file itself runs from source: the holder is a program of its own. */
const HOLDER_PROGRAM = join(PACKAGE_ROOT, 'dist/src/process/space-holder.js');

/** Starting Node takes some 50 ms, on an overloaded machine a hundred times that. */
const HOLDER_READY_WITHIN_MS = 15_000;

const HOLDER_LADDER: SignalLadder = [
  { signal: 'SIGTERM', waitMs: 1000 },
  { signal: 'SIGKILL', waitMs: 1000 },
];

/**
 * A network namespace of its own with nothing but a loopback. It lives as long as the holder process inside it, and
 * that ends with the harness whatever happens to the harness.
 * @throws UserError naming what is missing: Linux, unshare, nsenter, CAP_SYS_ADMIN
 */
export async function openIsolatedSpace(registry: ProcessRegistry): Promise<NetworkSpace> {
  const unshare = requireProgram('unshare');
  const nsenter = requireProgram('nsenter');
  if (!existsSync(HOLDER_PROGRAM)) {
    throw new UserError(`${HOLDER_PROGRAM} is not built; run npm run build`, 1);
  }
  const holderProcess = startProcess({
    argv: [unshare, '--net', '--', process.execPath, HOLDER_PROGRAM],
    stdin: 'pipe',
    stdoutFile: null,
    stderrFile: null,
    registry,
  });
  const holder = await greetHolder(holderProcess);
  const pid = holderProcess.pid!;
  const namespace = `/proc/${pid}/ns/net`;
  const identity = await readIdentity(namespace, holderProcess);
  return {
    isolated: true,
    pid,
    wrap: (argv) => [nsenter, `--net=${namespace}`, '--', ...argv],
    get: async (url, timeoutMs, from) =>
      (await holder.ask({ ask: 'get', url, timeoutMs, ...(from === undefined ? {} : { from }) })) as {
        status: number;
        text: string;
      },
    download: async (url, file, timeoutMs) =>
      (await holder.ask({ ask: 'download', url, file, timeoutMs })) as Download,
    accepts: async (port, timeoutMs, host) =>
      (await holder.ask({ ask: 'accepts', port, timeoutMs, ...(host === undefined ? {} : { host }) })) ===
      true,
    freePort: async () => (await holder.ask({ ask: 'freePort' })) as number,
    readSetting: async (name) => (await holder.ask({ ask: 'readSetting', name })) as string | null,
    writeSetting: async (name, text) => {
      await holder.ask({ ask: 'writeSetting', name, text });
    },
    async close() {
      killInhabitants(identity, pid);
      holderProcess.stdin!.end();
      await holderProcess.stop(HOLDER_LADDER);
    },
  };
}

async function readIdentity(namespace: string, holder: RunningProcess): Promise<string> {
  try {
    return readlinkSync(namespace);
  } catch (error) {
    await holder.stop(HOLDER_LADDER);
    throw error;
  }
}

function requireProgram(name: string): string {
  const path = findExecutable(name);
  if (path === undefined) throw new UserError(`${explainMissing(name)} (util-linux)`, 1);
  return path;
}

/** Whatever still runs in the namespace would keep it alive. Nothing but the trial's own processes can be in there. */
function killInhabitants(identity: string, holderPid: number): void {
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === holderPid) continue;
    if (readNamespace(pid) === identity) signalProcess(pid, 'SIGKILL');
  }
}

function readNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Gone, or another user's: the harness is root here, so that is only a kernel thread or a stranger's namespace.
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return undefined;
    throw error;
  }
}

interface Holder {
  /** Rejects with the holder's own words, or when it has ended. */
  ask(question: HolderQuestion): Promise<unknown>;
}

/** Wait until the holder says that it is ready. */
async function greetHolder(holder: RunningProcess): Promise<Holder> {
  const stderr = collectText(holder.stderr!);
  const lines = createInterface({ input: holder.stdout! });
  const pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let ended: Error | undefined;
  // A holder that ends while a question is being written makes the pipe fail; its end is what gets reported.
  holder.stdin!.on('error', () => undefined);

  const greeting = new Promise<string | undefined>((resolve) => {
    lines.on('line', (line) => {
      const reply = JSON.parse(line) as HolderReply;
      if ('ready' in reply) resolve(undefined);
      else if ('failed' in reply) resolve(reply.failed);
      else settle(reply);
    });
    void holder.exited.then((exit) => {
      ended = new Error('the process that holds the network namespace has ended');
      for (const question of pending.values()) question.reject(ended);
      pending.clear();
      resolve(exit.spawnError ?? explainUnshare(stderr()));
    });
  });
  const settle = (answer: HolderAnswer): void => {
    const question = pending.get(answer.id);
    pending.delete(answer.id);
    if ('error' in answer) question?.reject(new Error(answer.error));
    else question?.resolve(answer.value);
  };

  const timer = setTimeout(() => void holder.stop(HOLDER_LADDER), HOLDER_READY_WITHIN_MS);
  const failure = await greeting;
  clearTimeout(timer);
  if (failure !== undefined) {
    await holder.stop(HOLDER_LADDER);
    throw new UserError(failure, 1);
  }
  let nextId = 0;
  return {
    ask(question) {
      return new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        const id = nextId++;
        pending.set(id, { resolve, reject });
        holder.stdin!.write(`${JSON.stringify({ id, ...question })}\n`);
      });
    },
  };
}

function collectText(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

function explainUnshare(stderr: string): string {
  const words = stderr.trim().split('\n').at(-1) || 'it ended without a word';
  return /not permitted/i.test(words)
    ? 'a network namespace per trial needs root (CAP_SYS_ADMIN)'
    : `a network namespace cannot be made: ${words}`;
}
