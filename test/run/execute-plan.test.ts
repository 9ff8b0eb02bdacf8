import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PacketCapture } from '../../src/capture/packet-capture.ts';
import { unknown } from '../../src/model/cell.ts';
import { UserError } from '../../src/model/errors.ts';
import type { Arm, Plan, Trial } from '../../src/model/plan.ts';
import type { RunRecord, TrialRecord } from '../../src/model/run-record.ts';
import type { ToolProbe, ToolResult } from '../../src/model/tool.ts';
import type { NetworkSpace } from '../../src/process/network-space.ts';
import { openRegistry, type ProcessRegistry } from '../../src/process/process-registry.ts';
import type { Adapters } from '../../src/run/adapters.ts';
import { executePlan } from '../../src/run/execute-plan.ts';
import { createRunStore, type RunStore, readRun } from '../../src/run/run-store.ts';
import type { Target, TargetLauncher } from '../../src/target/target-launcher.ts';
import type { LoadTool } from '../../src/tools/load-tool.ts';
import { silentResult } from '../../src/tools/silent-tool.ts';

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
  readSetting: async () => null,
  writeSetting: async () => undefined,
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
  changeStore: (store: RunStore) => RunStore = (store) => store,
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
    changeStore(store),
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

  it('profiles the target in profile trials alone, and keeps what could not be had', async () => {
    const launches: boolean[] = [];
    const launcher: TargetLauncher = {
      launch: async ({ profiling }) => {
        launches.push(profiling !== undefined);
        return fakeTarget();
      },
    };
    const arm = fakeArm('a');
    arm.target.profile = { pprof: '/debug/pprof' };
    const profile = { kinds: ['cpu' as const, 'mutex' as const], settleMs: 1, windowMs: 0, traceMs: 0 };
    const downloading: NetworkSpace = {
      ...space,
      download: async (url) =>
        url.endsWith('/profile')
          ? { status: 200, bytes: 1 }
          : { status: 404, bytes: 0, words: 'no such page' },
    };
    const { run } = await execute(
      [arm],
      [fakeTrial('a'), fakeTrial('a', { id: 'profile-a', kind: 'profile', round: 0, profile })],
      { launcher, openSpace: async () => downloading },
    );
    expect(launches).toEqual([false, true]);
    expect(run.trials.map(({ state }) => state)).toEqual(['done', 'done']);
    expect(run.trials[0]).not.toHaveProperty('profile');
    expect(run.trials[1]!.profile).toMatchObject({
      source: 'pprof',
      items: [
        { kind: 'cpu', state: 'done', files: ['cpu.pb.gz'] },
        { kind: 'mutex', state: 'failed', reason: expect.stringContaining('answered 404: no such page') },
      ],
    });
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

describe('an error that nobody expected', () => {
  const full = (): never => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };
  const capturing: PacketCapture = {
    ...noCapture,
    start: async ({ file }) => ({
      stop: async () => {
        log.push(`capture stopped: ${basename(file)}`);
        return { state: 'failed', reason: 'it is a test double' };
      },
    }),
  };
  const twoArms = [fakeArm('a'), fakeArm('b')];
  const twoTrials = [fakeTrial('a'), fakeTrial('b')];

  /** Tool `a` is as described, all others are well. */
  const firstTool =
    (overrides: Partial<LoadTool>): Adapters['findTool'] =>
    (name) =>
      fakeTool(name, name === 'a' ? overrides : {});

  it('is a failed row and a problem of the run, its stack is stored, and the plan goes on', async () => {
    const { run, dir } = await execute(twoArms, twoTrials, {
      findTool: firstTool({
        run: async () => {
          throw new TypeError('a bug');
        },
      }),
    });
    expect(run.trials.map(({ state, reason }) => [state, reason])).toEqual([
      ['failed', 'the harness failed: a bug'],
      ['done', undefined],
    ]);
    expect(run).toMatchObject({ state: 'done', problems: ['r1-a: the harness failed: a bug'] });
    expect(run.trials[0]!.files).toContain('harness-error.txt');
    expect(readFileSync(join(dir, 'trials/r1-a/harness-error.txt'), 'utf8')).toMatch(
      /TypeError: a bug\n\s+at /,
    );
    expect(log).toEqual([
      'target stopped',
      'space closed',
      'ran b for 1000 ms',
      'target stopped',
      'space closed',
    ]);
  });

  it('leaves no timer running that would keep the harness from ending', async () => {
    const started = vi.spyOn(globalThis, 'setInterval');
    const cleared = vi.spyOn(globalThis, 'clearInterval');
    await execute([fakeArm('a')], [fakeTrial('a')], { findTool: firstTool({ run: full }) });
    const timers = started.mock.results.map(({ value }) => value);
    expect(timers.length).toBeGreaterThan(0);
    expect(cleared.mock.calls.map(([timer]) => timer)).toEqual(expect.arrayContaining(timers));
    vi.restoreAllMocks();
  });

  it('stops the captures of the probe and of the trial before the target', async () => {
    for (const trialFails of [false, true]) {
      log = [];
      let runs = 0;
      const { run } = await execute(
        [fakeArm('a')],
        [fakeTrial('a', { kind: 'evidence', capture: 'headers' })],
        {
          capture: capturing,
          findTool: firstTool({
            run: async (_trial, exec) => {
              if (++runs > 1 || !trialFails) full();
              return exec({ argv: ['true'], deadlineMs: 5000, signals: [{ signal: 'SIGKILL', waitMs: 10 }] });
            },
          }),
        },
      );
      expect(run.trials[0]).toMatchObject({ state: 'failed', reason: expect.stringMatching(/ENOSPC/) });
      expect(log).toEqual([
        'capture stopped: probe.pcap',
        ...(trialFails ? ['capture stopped: capture.pcap'] : []),
        'target stopped',
        'space closed',
      ]);
    }
  });

  it('in the network space, whose process has gone, costs that trial alone', async () => {
    let opened = 0;
    const { run } = await execute(twoArms, twoTrials, {
      openSpace: async () => (++opened === 1 ? { ...space, pid: 2 ** 22 - 1 } : space),
    });
    expect(run.trials.map(({ state, reason }) => [state, reason])).toEqual([
      ['failed', expect.stringMatching(/^the harness failed: the sockets of process \d+ cannot be read/)],
      ['done', undefined],
    ]);
  });

  it('in one step of tearing down does not keep the others from being done', async () => {
    const launcher: TargetLauncher = {
      launch: async () => ({
        ...fakeTarget(),
        stop: async () => {
          throw new UserError('the target could not be ended (pid 7); end it by hand', 1);
        },
      }),
    };
    const { run } = await execute([fakeArm('a')], [fakeTrial('a')], { launcher });
    expect(run.trials[0]).toMatchObject({
      state: 'failed',
      reason: 'the target could not be ended (pid 7); end it by hand',
    });
    expect(log).toEqual(['ran a for 1000 ms', 'space closed']);
  });

  it('in storing the run is a problem, and the next record that can be stored has everything', async () => {
    let writes = 0;
    const { run } = await execute(twoArms, twoTrials, {}, undefined, (store) => ({
      ...store,
      write: (record) => (++writes === 2 ? full() : store.write(record)),
    }));
    expect(run.trials.map(({ state }) => state)).toEqual(['done', 'done']);
    expect(run.problems).toEqual([
      expect.stringMatching(
        /^run\.json could not be written: ENOSPC.*; make room in its folder or choose --out DIR$/,
      ),
    ]);
  });

  const NO_SPACE =
    /^no space is left in \/.* \(ENOSPC\); make room there or choose another folder with --out DIR/;

  it('of a full results folder is the reason of every trial that failed then, with its remedy', async () => {
    const failing = async (): Promise<Target> => {
      throw new UserError('the target exited with code 1 before it was ready and said nothing', 1);
    };
    let launches = 0;
    const launcher: TargetLauncher = { launch: async () => (++launches === 1 ? full() : failing()) };
    const trials = [...twoTrials, fakeTrial('a', { id: 'r2-a', round: 2 })];
    const { run } = await execute(twoArms, trials, { launcher }, undefined, (store) => ({
      ...store,
      isFull: () => launches < 3,
    }));
    const [first, second, third] = run.trials.map(({ reason }) => reason!);
    expect(first).toMatch(NO_SPACE);
    expect(second).toMatch(NO_SPACE);
    expect(second).toMatch(/what came of it: the target exited with code 1 before it was ready/);
    expect(third).toMatch(/^the target exited/);
    expect(run.problems).toEqual([first]);
  });

  it('of a disk that is full elsewhere names the folders that it may be', async () => {
    const { run, dir } = await execute([fakeArm('a')], [fakeTrial('a')], {
      findTool: firstTool({ run: full }),
    });
    expect(run.trials[0]!.reason).toBe(
      `a disk is full (ENOSPC: no space left on device, write); make room in ${dir} or in ${tmpdir()}, or choose another folder with --out DIR`,
    );
  });

  it('in making the folder of a trial fails that trial', async () => {
    const { run } = await execute(twoArms, twoTrials, {}, undefined, (store) => ({
      ...store,
      trialDir: (id) => (id === 'r1-a' ? full() : store.trialDir(id)),
    }));
    expect(run.trials.map(({ state }) => state)).toEqual(['failed', 'done']);
    expect(run.trials[0]!.reason).toMatch(/ENOSPC/);
  });

  it('in looking for a tool skips its rows', async () => {
    const { run } = await execute(twoArms, twoTrials, { findTool: firstTool({ probe: full }) });
    expect(run.trials.map(({ state }) => state)).toEqual(['skipped', 'done']);
    expect(run.trials[0]!.reason).toMatch(/^looking for a failed: ENOSPC.*ssee-bench check/);
  });
});

it('tells what the target wrote while the tool was observed from what it wrote around that', async () => {
  let said = '';
  const say = (text: string): void => appendFileSync(said, text);
  const launcher: TargetLauncher = {
    launch: async ({ dir }) => {
      said = join(dir, 'target-stderr.txt');
      say('at start\n');
      return fakeTarget();
    },
  };
  const capture: PacketCapture = {
    ...noCapture,
    start: async ({ file }) => {
      say('while the capture starts\n');
      return {
        stop: async () => {
          say('while the capture stops\n');
          return { state: 'failed', reason: basename(file) };
        },
      };
    },
  };
  const findTool = (name: string): LoadTool =>
    fakeTool(name, {
      run: async (_trial, exec) => {
        say('while the tool runs\n');
        return exec({ argv: ['true'], deadlineMs: 5000, signals: [{ signal: 'SIGKILL', waitMs: 1000 }] });
      },
    });
  const trial = fakeTrial('a', { capture: 'headers' });
  const { run, dir } = await execute([fakeArm('a')], [trial], { launcher, capture, findTool });
  const stored = readFileSync(join(dir, 'trials/r1-a/target-stderr.txt'));
  expect(stored.toString()).toMatch(/capture starts[\s\S]*capture stops/);
  expect(stored.subarray(...run.trials[0]!.targetStderr!).toString()).toBe('while the tool runs\n');
});

describe('a tool that leaves nothing to read', () => {
  const explained: ToolResult = {
    metrics: { requests_per_sec: unknown('not-observable', 'an endless stream never finishes') },
    outcomes: {},
    caveats: [],
    problem: 'a did not end by itself',
  };
  const silent: ToolResult = { metrics: {}, outcomes: {}, caveats: [], problem: 'a left no readable result' };

  async function stateOf(result: ToolResult, stream: Arm['stream'], command: string[]) {
    const { run } = await execute([{ ...fakeArm('a'), stream }], [fakeTrial('a')], {
      findTool: (name) =>
        fakeTool(name, {
          normalize: () => result,
          run: async (_trial, exec) =>
            exec({
              argv: command as [string, ...string[]],
              deadlineMs: 100,
              signals: [{ signal: 'SIGKILL', waitMs: 1000 }],
            }),
        }),
    });
    const { state, reason } = run.trials[0]!;
    return { state, reason };
  }

  it('has failed, with its reason, when it ended by itself or the stream was finite', async () => {
    const failed = { state: 'failed', reason: silent.problem };
    expect(await stateOf(silent, 'finite', ['false'])).toEqual(failed);
    expect(await stateOf(silent, 'endless', ['false'])).toEqual(failed);
    expect(await stateOf(silent, 'endless', ['sleep', '60'])).toEqual(failed);
    expect(await stateOf(explained, 'finite', ['sleep', '60'])).toEqual({
      state: 'failed',
      reason: explained.problem,
    });
  });

  it('has done what it can when it waited for the end of an endless stream and says so', async () => {
    expect(await stateOf(explained, 'endless', ['sleep', '60'])).toEqual({ state: 'done' });
  });

  it('has failed when it could not be pinned', async () => {
    const { run } = await execute([{ ...fakeArm('a'), pin: [4095] }], [fakeTrial('a')], {
      findTool: (name) => fakeTool(name, { normalize: (output) => silentResult(name, output) }),
    });
    expect(run.trials[0]).toMatchObject({ state: 'failed', reason: expect.stringMatching(/taskset/) });
  });
});
