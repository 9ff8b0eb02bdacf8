import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startObserver } from '../../src/observe/observer.ts';
import type { NetworkSpace } from '../../src/process/network-space.ts';
import { openSpace } from '../../src/process/open-space.ts';
import { readProcStat } from '../../src/process/proc-stat.ts';
import { openRegistry, type ProcessRegistry } from '../../src/process/process-registry.ts';
import { runToEnd } from '../../src/process/run-to-end.ts';
import { startProcess } from '../../src/process/start-process.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let dir: string;
let registry: ProcessRegistry;
let space: NetworkSpace;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'observe-'));
  registry = openRegistry({ dir });
  space = await openSpace({ registry });
});
afterEach(async () => {
  await space.close();
  registry.killAll();
  registry.close();
  rmSync(dir, { recursive: true });
});

/** Burns CPU time, not wall time, so that the figure holds on a busy machine too. */
const burn = (cpuMs: number): string =>
  `while (process.cpuUsage().user + process.cpuUsage().system < ${cpuMs} * 1000);`;

function observe(options: { everyMs?: number; targetPid?: number } = {}) {
  return startObserver({ space, everyMs: 20, cpus: 2, ...options });
}

function runTool(program: string, onStart: (pid: number) => void) {
  return runToEnd(
    {
      argv: [process.execPath, '-e', program],
      deadlineMs: 60_000,
      signals: [{ signal: 'SIGKILL', waitMs: 1000 }],
    },
    {
      stdoutFile: '/dev/null',
      stderrFile: '/dev/null',
      wrap: (argv) => space.wrap(argv),
      signal: new AbortController().signal,
      registry,
      onStart,
    },
  );
}

function startIdle(program = 'setInterval(() => {}, 1000)') {
  return startProcess({
    argv: space.wrap([process.execPath, '-e', program]),
    stdoutFile: '/dev/null',
    stderrFile: '/dev/null',
    registry,
  });
}

describe('the observer', () => {
  it('gives the whole CPU time of a tool that has ended, although no sample saw it', async () => {
    const observer = observe({ everyMs: 60_000 });
    await runTool(burn(400), (pid) => observer.watchTool(pid));
    const { process: record, samples } = observer.stop();
    expect(record.toolCpuS).toBeGreaterThanOrEqual(0.39);
    expect(record.toolCpuS).toBeLessThan(0.8);
    expect(record.toolCpuShare).toBeCloseTo((record.toolCpuS! * 1000) / (record.windowMs * 2), 9);
    expect(record).not.toHaveProperty('toolBusiestThread');
    expect(record).not.toHaveProperty('targetCpuS');
    expect(record).not.toHaveProperty('unaccounted');
    expect(samples.samples).toHaveLength(1);
  });

  it('goes by the samples when another child of the harness ended meanwhile', async () => {
    const other = startIdle(`${burn(1500)} setInterval(() => {}, 1000)`);
    const observer = observe();
    await runTool(burn(600), (pid) => observer.watchTool(pid));
    await other.stop([{ signal: 'SIGKILL', waitMs: 1000 }]);
    const { toolCpuS } = observer.stop().process;
    expect(toolCpuS).toBeGreaterThan(0.2);
    expect(toolCpuS).toBeLessThan(1);
  });

  it('tells tool and target apart, and sees what each needs of memory and of one CPU', async () => {
    const target = startIdle();
    const observer = observe({ targetPid: target.pid! });
    await runTool(burn(400), (pid) => observer.watchTool(pid));
    const { process: record, samples } = observer.stop();
    expect(record.targetCpuS).toBeLessThan(record.toolCpuS!);
    expect(record.toolRssMaxBytes).toBeGreaterThan(10 * 2 ** 20);
    expect(record.targetRssMaxBytes).toBeGreaterThan(10 * 2 ** 20);
    expect(record.toolBusiestThread).toBeGreaterThan(record.targetBusiestThread!);
    for (const share of [
      record.toolBusiestThread,
      record.idle,
      record.softirq,
      record.steal,
      record.unaccounted,
    ]) {
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
    }
    expect(record.cpus).toBe(2);
    expect(samples.samples.some((sample) => sample.tool && sample.target)).toBe(true);
    await target.stop([{ signal: 'SIGKILL', waitMs: 1000 }]);
  });

  it('counts what the target used in the window only', async () => {
    const target = startIdle(
      `${burn(300)} require('fs').writeFileSync('${join(dir, 'done')}', ''); setInterval(() => {}, 1000)`,
    );
    await waitUntil('the target has had its work', () => existsSync(join(dir, 'done')));
    const observer = observe({ targetPid: target.pid! });
    await runTool('', (pid) => observer.watchTool(pid));
    expect(observer.stop().process.targetCpuS).toBeLessThan(0.2);
    await target.stop([{ signal: 'SIGKILL', waitMs: 1000 }]);
  });

  it('counts connections in the namespace and nothing outside', async () => {
    const port = await space.freePort();
    const observer = observe();
    const program = `
      const net = require('net');
      const server = net.createServer((socket) => socket.end()).listen(${port}, '127.0.0.1', () => {
        const client = net.connect(${port}, '127.0.0.1');
        client.resume().on('close', () => server.close());
      });`;
    await runTool(program, (pid) => observer.watchTool(pid));
    const { kernel } = observer.stop();
    expect(kernel).toMatchObject({
      isolated: true,
      counters: { ActiveOpens: 1, PassiveOpens: 1, ListenOverflows: 0, RetransSegs: 0 },
    });
  });

  it('says nothing of a tool that was never started', () => {
    const { process: record } = observe().stop();
    expect(record).not.toHaveProperty('toolCpuS');
    expect(record).not.toHaveProperty('toolRssMaxBytes');
  });
});

describe('what holds a process up', () => {
  it('shows a stop by a signal, open files, and the sockets on the port', async () => {
    const target = startIdle();
    const observer = startObserver({ space, everyMs: 10, cpus: 2, targetPid: target.pid!, port: 1 });
    process.kill(-target.pid!, 'SIGSTOP');
    await waitUntil('it has stopped', () => readProcStat(target.pid!)?.state === 'T');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { process: seen, kernel } = observer.stop();
    await target.stop([{ signal: 'SIGKILL', waitMs: 1000 }]);
    expect(seen.targetStoppedMs).toBeGreaterThan(0);
    expect(seen.targetOpenFiles).toBeGreaterThan(0);
    expect(seen.busiestCpu).toBeGreaterThanOrEqual(0);
    expect(kernel.sockets).toMatchObject({ acceptQueueMax: 0, closeWaitAfter: 0 });
    expect(kernel.sockets?.looks).toBeGreaterThanOrEqual(2);
  });
});
