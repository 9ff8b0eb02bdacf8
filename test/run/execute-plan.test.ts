import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PacketCapture } from '../../src/capture/packet-capture.ts';
import { UserError } from '../../src/model/errors.ts';
import type { Arm, Plan, Trial } from '../../src/model/plan.ts';
import type { RunRecord, TrialRecord } from '../../src/model/run-record.ts';
import type { ToolProbe } from '../../src/model/tool.ts';
import type { NetworkSpace } from '../../src/process/network-space.ts';
import { openRegistry, type ProcessRegistry } from '../../src/process/process-registry.ts';
import type { Adapters } from '../../src/run/adapters.ts';
import { executePlan } from '../../src/run/execute-plan.ts';
import { createRunStore, readRun } from '../../src/run/run-store.ts';
import type { Target, TargetLauncher } from '../../src/target/target-launcher.ts';
import type { LoadTool } from '../../src/tools/load-tool.ts';

/** Everything that was opened and closed, in order: teardown must match set-up whatever fails between them. */
let log: string[] = [];
let base = '';
let registry: ProcessRegistry;

beforeEach(() => {
  log = [];
  base = mkdtempSync(join(tmpdir(), 'ssee-plan-'));
  registry = openRegistry();
});
afterEach(() => {
  registry.close();
  rmSync(base, { recursive: true, force: true });
});

const space: NetworkSpace = {
  isolated: false,
  pid: process.pid,
  wrap: (argv) => [...argv] as [string, ...string[]],
  get: async () => ({ status: 200, text: 'up 1\n' }),
  accepts: async () => true,
  freePort: async () => 1,
  close: async () => {
    log.push('space closed');
  },
};

function fakeTarget(): Target {
  return {
    url: 'http://127.0.0.1:1',
    port: 1,
    record: { name: 'fake', isolated: false },
    died: new Promise(() => {}),
    stop: async () => {
      log.push('target stopped');
    },
  };
}

function fakeTool(name: string, overrides: Partial<LoadTool> = {}): LoadTool {
  return {
    name,
    observes: new Set(),
    whyNot: () => 'it is a test double',
    probe: async (): Promise<ToolProbe> => ({ available: true, path: '/bin/true', version: '1' }),
    run: async (trial, exec) => {
      log.push(`ran ${name} for ${trial.durationMs} ms`);
      return exec({ argv: ['true'], deadlineMs: 5000, signals: [{ signal: 'SIGKILL', waitMs: 1000 }] });
    },
    outputFiles: [],
    normalize: () => ({ metrics: {}, outcomes: {}, caveats: [] }),
    ...overrides,
  };
}

const noCapture: PacketCapture = {
  name: 'none',
  probe: async () => ({ available: false, reason: 'off', remedy: 'none' }),
  start: async () => {
    throw new UserError('capturing needs rights', 1);
  },
};

function fakeArm(id: string): Arm {
  return {
    id,
    tool: id,
    target: { env: {}, args: [], cwd: base, ready: { withinMs: 1000 }, command: ['x'] },
    request: { method: 'GET', path: '/', headers: {} },
    stream: 'finite',
    connections: 1,
    durationMs: 1000,
    timeoutMs: 1000,
  };
}

function fakeTrial(armId: string, overrides: Partial<Trial> = {}): Trial {
  return {
    id: `r1-${armId}`,
    armId,
    kind: 'measured',
    round: 1,
    durationMs: 1000,
    capture: 'off',
    ...overrides,
  };
}

async function execute(
  arms: Arm[],
  trials: Trial[],
  overrides: Partial<Adapters>,
  signal = new AbortController().signal,
): Promise<{ run: RunRecord; records: TrialRecord[]; dir: string }> {
  const plan: Plan = { arms, trials, warmupMs: 0, rounds: 1, sampleEveryMs: 100, allowRemote: [] };
  const store = createRunStore(base, 'test', new Date());
  const run = { schema: 'ssee-bench/run/1', plan, tools: {}, trials: [], problems: [], state: 'running' };
  const launcher: TargetLauncher = { launch: async () => fakeTarget() };
  const adapters: Adapters = {
    findTool: (name) => fakeTool(name),
    launcher,
    capture: noCapture,
    openSpace: async () => space,
    registry,
    ...overrides,
  };
  const ended: TrialRecord[] = [];
  await executePlan(
    run as unknown as RunRecord,
    store,
    adapters,
    { onTrialPhase: () => {}, onTrialEnd: (record) => ended.push(record) },
    signal,
  );
  return { run: readRun(store.dir), records: ended, dir: store.dir };
}

describe('executePlan', () => {
  it('runs the trials in the order of the plan and stores each', async () => {
    const { run, records } = await execute(
      [fakeArm('a'), fakeArm('b')],
      [fakeTrial('b'), fakeTrial('a')],
      {},
    );
    expect(records.map((record) => record.id)).toEqual(['r1-b', 'r1-a']);
    expect(run.trials.map((record) => record.state)).toEqual(['done', 'done']);
    expect(run.state).toBe('done');
  });

  it('stops the target and closes the space after every trial', async () => {
    await execute([fakeArm('a'), fakeArm('b')], [fakeTrial('a'), fakeTrial('b')], {});
    expect(log).toEqual([
      'ran a for 1000 ms',
      'target stopped',
      'space closed',
      'ran b for 1000 ms',
      'target stopped',
      'space closed',
    ]);
  });

  it('skips the trials of a tool that is not there, with the reason and the remedy', async () => {
    const missing: ToolProbe = {
      available: false,
      reason: 'a is not installed',
      remedy: 'apt-get install a',
    };
    const { run } = await execute([fakeArm('a'), fakeArm('b')], [fakeTrial('a'), fakeTrial('b')], {
      findTool: (name) => fakeTool(name, name === 'a' ? { probe: async () => missing } : {}),
    });
    expect(run.trials[0]).toMatchObject({
      state: 'skipped',
      reason: 'a is not installed; apt-get install a',
    });
    expect(run.trials[1]).toMatchObject({ state: 'done' });
    expect(log).toEqual(['ran b for 1000 ms', 'target stopped', 'space closed']);
  });

  it('makes a failed row of a target that does not start, and goes on', async () => {
    let launches = 0;
    const launcher: TargetLauncher = {
      launch: async () => {
        if (++launches === 1) throw new UserError('the target exited at once', 1);
        return fakeTarget();
      },
    };
    const { run } = await execute([fakeArm('a'), fakeArm('b')], [fakeTrial('a'), fakeTrial('b')], {
      launcher,
    });
    expect(run.trials.map(({ state, reason }) => [state, reason])).toEqual([
      ['failed', 'the target exited at once'],
      ['done', undefined],
    ]);
    expect(log[0]).toBe('space closed');
  });

  it('skips a load that the tool refuses, with its reason', async () => {
    const { run } = await execute([fakeArm('a')], [fakeTrial('a')], {
      findTool: (name) => fakeTool(name, { refuses: () => 'a takes whole seconds only' }),
    });
    expect(run.trials[0]).toMatchObject({ state: 'skipped', reason: 'a takes whole seconds only' });
    expect(log).toEqual(['target stopped', 'space closed']);
  });

  it('measures without a capture where the machine does not allow one, and keeps the reason', async () => {
    const { run } = await execute(
      [fakeArm('a')],
      [fakeTrial('a', { kind: 'evidence', capture: 'headers' })],
      {},
    );
    expect(run.trials[0]).toMatchObject({
      state: 'done',
      capture: { state: 'failed', reason: 'capturing needs rights' },
      probe: { state: 'failed', reason: 'capturing needs rights' },
    });
  });

  it('tears down and lets a bug through as it is', async () => {
    const broken = execute([fakeArm('a')], [fakeTrial('a')], {
      findTool: (name) =>
        fakeTool(name, {
          run: async () => {
            throw new TypeError('a bug');
          },
        }),
    });
    await expect(broken).rejects.toThrow(TypeError);
    expect(log).toEqual(['target stopped', 'space closed']);
  });

  it('starts nothing more once the run is interrupted', async () => {
    const controller = new AbortController();
    const { run } = await execute(
      [fakeArm('a'), fakeArm('b')],
      [fakeTrial('a'), fakeTrial('b')],
      {
        findTool: (name) =>
          fakeTool(name, {
            run: async (_trial, exec) => {
              controller.abort();
              return exec({ argv: ['true'], deadlineMs: 100, signals: [{ signal: 'SIGKILL', waitMs: 10 }] });
            },
          }),
      },
      controller.signal,
    );
    expect(run.state).toBe('interrupted');
    expect(run.trials.map(({ id, state }) => [id, state])).toEqual([['r1-a', 'interrupted']]);
    expect(log).toEqual(['target stopped', 'space closed']);
  });
});
