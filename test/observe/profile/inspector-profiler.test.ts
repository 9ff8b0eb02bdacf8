import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCpuProfiles } from '../../../src/evidence/profile/read-cpuprofile.ts';
import type { ProfileItem } from '../../../src/model/profile.ts';
import { openInspectorProfiler } from '../../../src/observe/profile/inspector-profiler.ts';
import type { Profiler } from '../../../src/observe/profile/profile-session.ts';
import { openSharedSpace } from '../../../src/process/shared-space.ts';

let dir: string;
let profiler: Profiler;
let child: ChildProcess | undefined;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'inspector-'));
  profiler = await openInspectorProfiler('--no-warnings');
});
afterEach(async () => {
  await endChild();
  await profiler.close();
  rmSync(dir, { recursive: true, force: true });
});

async function endChild(): Promise<void> {
  if (child && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  child = undefined;
}

/** Node with the agent; resolves when it has printed its first line. */
async function startNode(code: string): Promise<ChildProcess> {
  child = spawn(process.execPath, ['-e', code], { env: { ...process.env, ...profiler.env }, stdio: 'pipe' });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`node ended with code ${code} before it had said anything`);
  });
  await Promise.race([once(child.stdout!, 'data'), ended]);
  ended.catch(() => undefined);
  return child;
}

function collect(windowMs: number, signal = new AbortController().signal) {
  const plan = { kinds: ['cpu' as const], settleMs: 100, windowMs, traceMs: 0 };
  return profiler.collect({ plan, targetUrl: '', space: openSharedSpace(), dir, signal });
}

const BUSY = `
  function spinHard() { const until = Date.now() + 20; while (Date.now() < until); setTimeout(spinHard, 1); }
  spinHard(); console.log('ready');`;

/** Profiles over ever longer windows until spinHard was seen: a busy machine may give the program no time in a short one. */
async function collectSpin(code: string): Promise<Extract<ProfileItem, { state: 'done' }>> {
  for (let windowMs = 300; ; windowMs *= 3) {
    await startNode(code);
    const [item] = (await collect(windowMs)).items;
    if (item?.state !== 'done') throw new Error(item?.reason);
    const reading = readCpuProfiles([readFileSync(join(dir, item.files[0]!), 'utf8')]);
    const names = reading.ok ? reading.profile.stacks.flatMap(({ frames }) => frames) : [];
    if (names.some((name) => name.startsWith('spinHard '))) return item;
    if (windowMs > 5000) throw new Error(`spinHard is not among ${names.join(', ')}`);
    await endChild();
  }
}

describe('the CPU profile of a Node program', () => {
  it('names the function that burns the CPU', async () => {
    expect((await collectSpin(BUSY)).files).toEqual(['target.cpuprofile']);
  });

  it('has a file per thread, the busiest first', async () => {
    const worker = join(dir, 'worker.cjs');
    writeFileSync(worker, `${BUSY} require('node:worker_threads').parentPort.postMessage(1);`);
    const { files } = await collectSpin(`
      const { Worker } = require('node:worker_threads');
      new Worker(${JSON.stringify(worker)}, { stdout: true }).once('message', () => console.log('ready'));`);
    expect(files).toEqual(['target.cpuprofile', 'target-2.cpuprofile']);
  });

  it('leaves the program to end by itself, with its own options kept', async () => {
    const node = await startNode(`console.log(process.env.NODE_OPTIONS)`);
    expect(await once(node, 'exit')).toEqual([0, null]);
    expect(profiler.env.NODE_OPTIONS).toMatch(/^--no-warnings --import=file:/);
  });

  it('of a program that has ended, or is none of Node, says so', async () => {
    expect((await collect(1)).items[0]).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('no thread of the target has loaded the agent'),
    });
  });

  it('of a thread that ends without an answer is not waited for', async () => {
    const node = await startNode(BUSY);
    node.kill('SIGSTOP');
    const collected = collect(1);
    node.kill('SIGKILL');
    expect((await collected).items[0]!.state).toBe('failed');
  });

  it('is given up at once when the run is interrupted', async () => {
    await startNode(BUSY);
    const controller = new AbortController();
    const collected = collect(60_000, controller.signal);
    controller.abort();
    expect((await collected).items[0]).toMatchObject({ state: 'failed' });
  });
});
