import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { reapOrphans } from '../../src/process/process-registry.ts';
import { MARK_VARIABLE, type MarkedProcess, markedProcesses } from '../helpers/marked-processes.ts';
import {
  armOf,
  findRunDir,
  makeOutDir,
  outcomeOf,
  ROOT,
  type RunningCli,
  readComparison,
  readRunRecord,
  runCli,
  startCli,
  waitFor,
} from '../helpers/run-cli.ts';

const root = makeOutDir();
let counter = 0;
let outDir = '';
let mark = '';

beforeEach(() => {
  counter++;
  outDir = join(root, `case-${counter}`);
  mkdirSync(outDir, { recursive: true });
  mark = `${process.pid}-${counter}`;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Processes of the harness, by what stands in their command lines. */
const KINDS = {
  holder: /space-holder\.js/,
  target: /targets\/node-http\/server\.js/,
  tester: /bin\/ssee-tester\.js/,
  wrk: /^wrk /,
  tcpdump: /tcpdump/,
};
type Kind = keyof typeof KINDS;

function find(kind: Kind): MarkedProcess | undefined {
  return markedProcesses(mark).find(({ command }) => KINDS[kind].test(command));
}

const leftOver = (): string[] => markedProcesses(mark).map(({ command }) => command);

function writeScenario(options: { tools: string; duration: string; capture?: string }): string {
  const file = join(outDir, 'scenario.yaml');
  writeFileSync(
    file,
    `
name: interrupted
target: {use: node-http, metrics: /metrics, ready: {path: /healthz, within: 10s}}
request: {method: GET, path: /events?count=5&interval=5ms, headers: {Accept: text/event-stream}}
stream: finite
load: {connections: 4, duration: ${options.duration}, timeout: 1s, rounds: 1}
tools: [${options.tools}]
capture: ${options.capture ?? 'off'}
`,
  );
  return file;
}

const runsDir = (): string => join(outDir, 'runs');
/** With a note of its processes of its own, so that no other run on the machine reaps what a killed harness leaves here. */
const env = (): Record<string, string> => ({ [MARK_VARIABLE]: mark, TMPDIR: root, XDG_RUNTIME_DIR: '' });

/** Start a run and wait until a trial measures with all these processes there. */
async function startMeasuring(
  scenario: Parameters<typeof writeScenario>[0],
  trialId: string,
  kinds: Kind[],
): Promise<RunningCli> {
  const running = startCli(['run', writeScenario(scenario), '--out', runsDir()], { env: env() });
  await waitFor(`${trialId} to measure`, () => running.stderrSoFar().includes(`${trialId}: measuring`));
  await waitFor(`${kinds.join(', ')} to run`, () => kinds.every((kind) => find(kind) !== undefined));
  return running;
}

/** Wait until the target has sent streams to their end, so that there is something to report. */
async function waitForStreams(): Promise<void> {
  const { pid, command } = find('tester')!;
  const [origin] = /http:\/\/127\.0\.0\.1:\d+/.exec(command)!;
  const argv = ['--net', `--target=${pid}`, '--', 'curl', '-s', '-m', '2', `${origin}/metrics`];
  await waitFor('streams to complete', () => {
    const { stdout } = spawnSync('nsenter', argv, { encoding: 'utf8' });
    return Number(/^ssee_target_streams_total\{end="completed"\} (\d+)/m.exec(stdout)?.[1] ?? 0) > 10;
  });
}

describe('a run that is cut off', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`stores and reports what was measured when ${signal} arrives, leaves no process, exits 130`, async () => {
      const kinds: Kind[] = ['holder', 'target', 'tester'];
      const running = await startMeasuring(
        { tools: 'ssee-tester', duration: '20s' },
        'r1-ssee-tester',
        kinds,
      );
      await waitForStreams();
      running.child.kill(signal);
      const result = await running.done;
      expect(result.code).toBe(130);
      expect(leftOver()).toEqual([]);
      const runDir = findRunDir(runsDir());
      expect(result.lastLine).toBe(runDir);
      expect(readRunRecord(runDir).state).toBe('interrupted');
      expect((await runCli(['report', runDir])).code).toBe(0);
      const tester = armOf(readComparison(runDir), 'ssee-tester');
      expect(tester.trials[0]).toMatchObject({ state: 'interrupted' });
      expect(outcomeOf(tester, 'completed')).toBeGreaterThan(0);
    }, 60_000);
  }

  it('leaves no process of an evidence trial either, its capture included', async () => {
    // The request of the first is replayed by the second, so its evidence trial comes before all others.
    const tools = 'ssee-tester, {use: ssee-tester, name: again, replay: ssee-tester}';
    const running = await startMeasuring(
      { tools, duration: '3s', capture: 'headers' },
      'evidence-ssee-tester',
      ['holder', 'target', 'tester', 'tcpdump'],
    );
    running.child.kill('SIGTERM');
    expect((await running.done).code).toBe(130);
    expect(leftOver()).toEqual([]);
    const [trial] = readRunRecord(findRunDir(runsDir())).trials;
    expect(trial).toMatchObject({
      id: 'evidence-ssee-tester',
      state: 'interrupted',
      capture: { state: 'done' },
    });
  }, 60_000);

  it('makes a row of a target that dies in mid-trial and goes on with the next', async () => {
    const scenario = { tools: 'ssee-tester, curl', duration: '5s' };
    const running = await startMeasuring(scenario, 'r1-ssee-tester', ['target', 'tester']);
    process.kill(find('target')!.pid, 'SIGKILL');
    const result = await running.done;
    expect(result.code).toBe(1);
    const runDir = findRunDir(runsDir());
    const [first, second] = readRunRecord(runDir).trials;
    expect(first).toMatchObject({ state: 'failed', target: { died: { signal: 'SIGKILL' } } });
    expect(first!.reason).toMatch(/target/);
    expect(second).toMatchObject({ state: 'done' });
    expect(leftOver()).toEqual([]);
    expect((await runCli(['report', runDir])).code).toBe(0);
  }, 90_000);

  it('makes a row of a tool that is killed in mid-trial', async () => {
    const running = await startMeasuring({ tools: 'wrk', duration: '20s' }, 'r1-wrk', ['target', 'wrk']);
    process.kill(find('wrk')!.pid, 'SIGKILL');
    const result = await running.done;
    expect(result.code).toBe(1);
    const runDir = findRunDir(runsDir());
    expect(readRunRecord(runDir).trials[0]).toMatchObject({ state: 'failed' });
    expect(readRunRecord(runDir).trials[0]!.reason).toMatch(/SIGKILL/);
    expect(leftOver()).toEqual([]);
    expect((await runCli(['report', runDir])).code).toBe(0);
  }, 60_000);

  it('makes a row of a network namespace that goes in mid-trial, and reports', async () => {
    const scenario = { tools: 'ssee-tester, curl', duration: '2s' };
    const running = await startMeasuring(scenario, 'r1-ssee-tester', ['holder', 'target', 'tester']);
    process.kill(find('holder')!.pid, 'SIGKILL');
    const result = await running.done;
    expect(result.code).toBe(1);
    expect(leftOver()).toEqual([]);
    const runDir = findRunDir(runsDir());
    expect(readRunRecord(runDir).trials.map(({ state }) => state)).toEqual(['failed', 'done']);
    expect(readComparison(runDir).arms.map(({ id }) => id)).toEqual(['ssee-tester', 'curl']);
    expect(result.stderr).toMatch(/r1-ssee-tester: the harness failed: /);
  }, 60_000);

  it('reaps at the next start what a killed harness left, and reports the stored part', async () => {
    const scenario = { tools: 'wrk', duration: '20s' };
    const running = await startMeasuring(scenario, 'r1-wrk', ['holder', 'target', 'wrk']);
    const runDir = findRunDir(runsDir());
    running.child.kill('SIGKILL');
    await running.done;
    expect(find('wrk')).toBeDefined();
    const next = await runCli(
      ['run', writeScenario({ tools: 'curl', duration: '1s' }), '--out', join(outDir, 'next')],
      { env: env() },
    );
    expect(next.code).toBe(0);
    expect(next.stderr).toMatch(/left by an earlier run/);
    expect(leftOver()).toEqual([]);
    expect(existsSync(join(runDir, 'run.json'))).toBe(true);
    expect((await runCli(['report', runDir])).code).toBe(0);
    expect(readComparison(runDir).state).toBe('running');
  }, 90_000);
});

describe('a run that is cut off while its target is prepared', () => {
  function writePrepared(): string {
    const file = join(outDir, 'prepared.yaml');
    writeFileSync(
      file,
      `
name: prepared
target: {use: node-http, prepare: [bash, -c, 'sleep 300; true']}
request: {path: /events}
stream: finite
load: {connections: 1, duration: 1s, rounds: 1}
tools: [curl]
capture: off
`,
    );
    return file;
  }

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'leaves no process at %s, says so and exits 130',
    async (signal) => {
      const running = startCli(['run', writePrepared(), '--out', runsDir()], { env: env() });
      await waitFor('the preparation to run', () => leftOver().includes('sleep 300'));
      running.child.kill(signal);
      const result = await running.done;
      expect(leftOver()).toEqual([]);
      expect(result).toMatchObject({ code: 130, stdout: '' });
      expect(result.stderr).toMatch(
        /^interrupted: [^\n]*\ninterrupted while the target was prepared; nothing was measured\n$/m,
      );
    },
    60_000,
  );

  it('is reaped at the next start when it was killed', async () => {
    const running = startCli(['run', writePrepared(), '--out', runsDir()], { env: env() });
    await waitFor('the preparation to run', () => leftOver().includes('sleep 300'));
    running.child.kill('SIGKILL');
    await running.done;
    expect(reapOrphans({ dir: join(root, `ssee-bench-${process.getuid!()}`) })).toMatchObject([
      { what: expect.stringContaining('sleep 300') },
    ]);
    await waitFor('everything to be gone', () => leftOver().length === 0);
  }, 60_000);
});

describe('npm run bench', () => {
  interface Npm {
    pid: number;
    stderrSoFar(): string;
    done: Promise<{ code: number | null; stdout: string }>;
  }

  /** In a process group of its own, as a shell starts it on a terminal. */
  function startNpm(shell: string): Npm {
    const scenario = writeScenario({ tools: 'ssee-tester', duration: '20s' });
    const child = spawn('npm', ['run', 'bench', '--', scenario, '--out', runsDir()], {
      cwd: ROOT,
      env: { ...process.env, CI: '1', npm_config_script_shell: shell, ...env() },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const done = new Promise<{ code: number | null; stdout: string }>((resolve) => {
      child.once('close', (code) => resolve({ code, stdout }));
    });
    return { pid: child.pid!, stderrSoFar: () => stderr, done };
  }

  describe.each([
    ['dash', '/bin/dash'],
    ['bash', '/bin/bash'],
  ])('with %s as its shell', (_name, shell) => {
    it.each([
      ['SIGTERM to npm alone', 'SIGTERM', 1],
      ['Ctrl-C, which signals npm and the harness and is handed on by npm', 'SIGINT', -1],
    ] as const)(
      'reports and leaves no process at %s',
      async (_how, signal, group) => {
        const npm = startNpm(shell);
        await waitFor('the trial to measure', () => npm.stderrSoFar().includes('r1-ssee-tester: measuring'));
        await waitFor('the tool to run', () => find('tester') !== undefined);
        await waitForStreams();
        process.kill(group * npm.pid, signal);
        const { code, stdout } = await npm.done;
        expect(leftOver()).toEqual([]);
        const runDir = findRunDir(runsDir());
        expect(readRunRecord(runDir).state).toBe('interrupted');
        expect(outcomeOf(armOf(readComparison(runDir), 'ssee-tester'), 'completed')).toBeGreaterThan(0);
        expect(stdout.trimEnd().split('\n').at(-1)).toBe(runDir);
        expect(code).toBe(130);
      },
      90_000,
    );
  });
});

describe('ssee-bench check', () => {
  it('leaves no process when it is interrupted, and exits 130', async () => {
    const running = startCli(['check'], { env: env() });
    await waitFor('a probe to run', () => find('holder') !== undefined || find('tcpdump') !== undefined);
    running.child.kill('SIGTERM');
    const result = await running.done;
    expect(result).toMatchObject({ code: 130, stdout: '' });
    expect(result.stderr).toMatch(/^interrupted: [^\n]*\n$/);
    expect(leftOver()).toEqual([]);
  }, 60_000);
});
