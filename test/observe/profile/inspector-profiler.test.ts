import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCpuProfiles } from '../../../src/evidence/profile/read-cpuprofile.ts';
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
  if (child && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  child = undefined;
  await profiler.close();
  rmSync(dir, { recursive: true, force: true });
});

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

describe('the CPU profile of a Node program', () => {
  it('names the function that burns the CPU', async () => {
    await startNode(BUSY);
    const { source, items } = await collect(400);
    expect(source).toBe('inspector');
    const [item] = items;
    if (item?.state !== 'done') throw new Error(item?.reason);
    expect(item.files).toEqual(['target.cpuprofile']);
    const reading = readCpuProfiles([readFileSync(join(dir, 'target.cpuprofile'), 'utf8')]);
    const names = reading.ok ? reading.profile.stacks.flatMap(({ frames }) => frames) : [];
    expect(names.some((name) => name.startsWith('spinHard '))).toBe(true);
  });

  it('has a file per thread, the busiest first', async () => {
    const worker = join(dir, 'worker.cjs');
    writeFileSync(worker, `${BUSY} require('node:worker_threads').parentPort.postMessage(1);`);
    await startNode(`
      const { Worker } = require('node:worker_threads');
      new Worker(${JSON.stringify(worker)}, { stdout: true }).once('message', () => console.log('ready'));`);
    const [item] = (await collect(400)).items;
    expect(item).toMatchObject({ state: 'done', files: ['target.cpuprofile', 'target-2.cpuprofile'] });
    expect(readFileSync(join(dir, 'target.cpuprofile'), 'utf8')).toContain('spinHard');
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

  it('of a thread that ends before it is asked for is not waited for', async () => {
    const node = await startNode(`${BUSY} process.stdin.once('data', () => process.exit(0));`);
    const collected = collect(300);
    node.stdin!.write('end\n');
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
