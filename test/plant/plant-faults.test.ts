import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Faults } from '../../src/model/plan.ts';
import { makeControlGroup } from '../../src/plant/control-group.ts';
import { plantFaults } from '../../src/plant/plant-faults.ts';
import { openSpace } from '../../src/process/open-space.ts';
import { readProcStat } from '../../src/process/proc-stat.ts';
import { openRegistry, type ProcessRegistry } from '../../src/process/process-registry.ts';
import { readOutput } from '../../src/process/read-output.ts';
import { openSharedSpace } from '../../src/process/shared-space.ts';
import { startProcess } from '../../src/process/start-process.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let dir: string;
let registry: ProcessRegistry;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'plant-'));
  registry = openRegistry({ dir });
});
afterEach(() => {
  registry.killAll();
  registry.close();
  rmSync(dir, { recursive: true });
});

const signal = new AbortController().signal;
const plant = (faults: Faults, space = openSharedSpace()) =>
  plantFaults({ faults, space, registry, signal, dir });

describe('planted faults', () => {
  it('without any leave target and tool as they are', async () => {
    const space = openSharedSpace();
    const planted = await plant({}, space);
    expect(planted.targetSpace).toBe(space);
    expect(planted.toolSpace).toBe(space);
    await planted.clear();
  });

  it('limit the open files of the one side that they name', async () => {
    const planted = await plant({ targetOpenFiles: 33 });
    const limitOf = async (space: typeof planted.targetSpace): Promise<string> =>
      (await readOutput(space.wrap(['/bin/sh', '-c', 'ulimit -n']), { timeoutMs: 10_000 })).stdout.trim();
    expect(await limitOf(planted.targetSpace)).toBe('33');
    expect(await limitOf(planted.toolSpace)).not.toBe('33');
    await planted.clear();
  });

  it('stop the target for a while after the tool has started, and never for good', async () => {
    const target = startProcess({
      argv: [process.execPath, '-e', 'setInterval(() => {}, 1000)'],
      stdoutFile: '/dev/null',
      stderrFile: '/dev/null',
      registry,
    });
    const state = (): string | undefined => readProcStat(target.pid!)?.state;
    const planted = await plant({ pause: { afterMs: 10, lengthMs: 60_000 } });
    planted.atToolStart(target.pid);
    await waitUntil('the target is stopped', () => state() === 'T');
    await planted.afterTool();
    await waitUntil('the target goes on', () => state() !== 'T');
    await planted.clear();
    await target.stop([{ signal: 'SIGKILL', waitMs: 1000 }]);
  });

  it('burn CPU in a grandchild that ends with the tool', async () => {
    const planted = await plant({ burners: 1 });
    planted.beforeTool();
    await planted.afterTool();
    await planted.clear();
    const [noted] = readdirSync(dir).filter((name) => name.endsWith('.json'));
    expect(readFileSync(join(dir, noted!), 'utf8')).not.toContain('while :');
  });

  it.each<[string, Faults]>([
    ['packet loss', { loss: 0.02 }],
    ['few ports', { ports: 100 }],
    ['a short queue', { backlog: 4 }],
  ])('%s never touches the network of the machine', async (_, faults) => {
    await expect(plant(faults)).rejects.toThrow(/need a network namespace/);
  });

  it('change the settings of a namespace, where there is one, and of nothing else', async () => {
    const space = await openSpace({ registry });
    const before = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
    try {
      const planting = plant({ ports: 100, backlog: 7 }, space);
      if (space.isolated) {
        await (await planting).clear();
        expect(await space.readSetting('ipv4/ip_local_port_range')).toBe('20000\t20099');
        expect(await space.readSetting('core/somaxconn')).toBe('7');
      } else {
        await expect(planting).rejects.toThrow(/namespace/);
      }
    } finally {
      await space.close();
    }
    expect(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')).toBe(before);
  });
});

describe('a CPU quota', () => {
  it('holds what is started in its group, and goes away; without the rights for it, says so', async () => {
    let group: ReturnType<typeof makeControlGroup>;
    try {
      group = makeControlGroup(['cpu'], registry);
      group.setCpu(20);
    } catch (error) {
      expect((error as Error).message).toMatch(/needs root and a cgroup cpu controller/);
      return;
    }
    const argv = group.wrap(['/bin/cat', '/proc/self/cgroup']) as [string, ...string[]];
    const { stdout } = await readOutput(argv, { timeoutMs: 10_000 });
    const name = /ssee-bench-\d+-\d+/.exec(stdout)?.[0];
    expect(name).toBeDefined();
    group.remove();
    expect(existsSync(`/sys/fs/cgroup/cpu/${name}`)).toBe(false);
    expect(existsSync(`/sys/fs/cgroup/${name}`)).toBe(false);
  });
});
