import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { ProfileItem } from '../../model/profile.ts';
import { PACKAGE_ROOT } from '../../process/package-root.ts';
import { type AgentAnswer, type AgentOrder, SOCKET_VARIABLE } from './inspector-protocol.ts';
import type { Profiler } from './profile-session.ts';

/** Compiled even when this file itself runs from source: the target loads it. */
const AGENT = join(PACKAGE_ROOT, 'dist/src/observe/profile/inspector-agent.js');

/** A thread that does not come out of its own code for so long is left out. */
const ANSWER_WITHIN_MS = 10_000;

/** Threads beyond these did less than any of them. */
const MOST_FILES = 16;

/**
 * The CPU profile of every thread of every Node process that the target consists of, by an agent inside (see
 * inspector-agent.ts).
 * @param nodeOptions what NODE_OPTIONS of the target is to contain besides
 */
export async function openInspectorProfiler(nodeOptions: string): Promise<Profiler> {
  const folder = mkdtempSync(join(tmpdir(), 'ssee-profile-'));
  const socketPath = join(folder, 'agent.sock');
  const threads = new Set<Socket>();
  const answers = new Map<Socket, Promise<AgentAnswer | undefined>>();
  let collecting = false;
  const server = createServer((socket) => {
    threads.add(socket);
    answers.set(socket, readAnswer(socket));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => threads.delete(socket));
    if (collecting) give(socket, 'start');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  // The harness must be able to end although a target hangs on to its socket.
  server.unref();

  return {
    env: {
      NODE_OPTIONS: `${nodeOptions} --import=${pathToFileURL(AGENT).href}`.trim(),
      [SOCKET_VARIABLE]: socketPath,
    },
    async collect({ plan, dir, signal }) {
      const startedAt = performance.now();
      await pause(plan.settleMs, signal);
      const startedMs = Math.round(performance.now() - startedAt);
      collecting = true;
      for (const socket of threads) give(socket, 'start');
      await pause(plan.windowMs, signal);
      collecting = false;
      const asked = [...threads];
      for (const socket of asked) give(socket, 'stop');
      const windowMs = Math.round(performance.now() - startedAt) - startedMs;
      const tooLate = pause(ANSWER_WITHIN_MS, signal);
      const received = await Promise.all(
        asked.map((socket) => Promise.race([answers.get(socket), tooLate.then(() => undefined)])),
      );
      const item: ProfileItem = signal.aborted
        ? { kind: 'cpu', state: 'failed', reason: 'interrupted before it was taken' }
        : storeProfiles(received, dir, { startedMs, windowMs });
      return { source: 'inspector', items: [item] };
    },
    async close() {
      for (const socket of threads) socket.destroy();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function give(socket: Socket, order: AgentOrder): void {
  socket.write(`${order}\n`);
}

/** Undefined where the thread ended, or hung, before it had answered. */
function readAnswer(socket: Socket): Promise<AgentAnswer | undefined> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: socket });
    lines.on('line', (line) => {
      try {
        resolve(JSON.parse(line) as AgentAnswer);
      } catch {
        resolve({ failed: 'the agent was cut off in its answer' });
      }
    });
    lines.on('close', () => resolve(undefined));
    // Passed on from the socket.
    lines.on('error', () => resolve(undefined));
  });
}

interface CpuProfile {
  nodes: { id: number; callFrame?: { functionName?: string } }[];
  samples?: number[];
  timeDeltas?: number[];
}

function storeProfiles(
  received: readonly (AgentAnswer | undefined)[],
  dir: string,
  window: { startedMs: number; windowMs: number },
): ProfileItem {
  const profiles = received
    .flatMap((answer) => (answer && 'profile' in answer ? [answer.profile as CpuProfile] : []))
    .map((profile) => ({ profile, busyUs: busyTime(profile) }))
    .sort((a, b) => b.busyUs - a.busyUs)
    .slice(0, MOST_FILES);
  if (profiles.length === 0) return { kind: 'cpu', state: 'failed', reason: explainNone(received) };
  try {
    const files = profiles.map(({ profile }, index) => {
      const file = index === 0 ? 'target.cpuprofile' : `target-${index + 1}.cpuprofile`;
      writeFileSync(join(dir, file), JSON.stringify(profile));
      return file;
    });
    return { kind: 'cpu', state: 'done', files, ...window };
  } catch (error) {
    return { kind: 'cpu', state: 'failed', reason: (error as Error).message };
  }
}

function explainNone(received: readonly (AgentAnswer | undefined)[]): string {
  if (received.length === 0) {
    return 'no thread of the target has loaded the agent; inspector: true is for Node programs that honour NODE_OPTIONS';
  }
  const failures = received.flatMap((answer) => (answer && 'failed' in answer ? [answer.failed] : []));
  return failures[0] ?? 'no thread of the target handed its profile over';
}

/** Time in which the thread was not idle. */
function busyTime({ nodes, samples = [], timeDeltas = [] }: CpuProfile): number {
  const idle = new Set(
    nodes.filter(({ callFrame }) => callFrame?.functionName === '(idle)').map(({ id }) => id),
  );
  return samples.reduce((sum, id, index) => sum + (idle.has(id) ? 0 : (timeDeltas[index] ?? 0)), 0);
}

/** Ends early on an abort, and does not reject then. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
