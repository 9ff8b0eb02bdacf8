import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  armOf,
  findRunDir,
  makeOutDir,
  outcomeOf,
  processesMatching,
  type RunningCli,
  readComparison,
  readRunRecord,
  runCli,
  startCli,
  waitFor,
} from '../helpers/run-cli.ts';

/** In the command lines of target and tool, so that the test can find what was left of them. */
const MARK = `mark${process.pid}`;
const root = makeOutDir();
let counter = 0;
let outDir = '';

beforeEach(() => {
  counter++;
  outDir = join(root, `case-${counter}`);
  mkdirSync(outDir, { recursive: true });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function writeScenario(options: { tools: string; duration: string }): string {
  const file = join(outDir, 'scenario.yaml');
  writeFileSync(
    file,
    `
name: interrupted
target: {use: node-http, metrics: /metrics, ready: {path: /healthz, within: 10s}}
request:
  method: GET
  path: /events?count=5&interval=5ms
  headers: {Accept: text/event-stream, X-Mark: ${MARK}${counter}}
stream: finite
load: {connections: 4, duration: ${options.duration}, timeout: 1s, rounds: 1}
tools: [${options.tools}]
capture: off
`,
  );
  return file;
}

const mark = (): string => `${MARK}${counter}`;

async function startMeasuring(tools: string, trialId: string): Promise<RunningCli> {
  const running = startCli(['run', writeScenario({ tools, duration: '20s' }), '--out', join(outDir, 'runs')]);
  await waitFor(`${trialId} to measure:\n`, () => running.stderrSoFar().includes(`${trialId}: measuring`));
  await waitFor('the tool to run', () => processesMatching(mark()).length > 0);
  return running;
}

const leftOver = (): number[] => processesMatching(mark());

describe('a run that is cut off', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`stores and reports what was measured when ${signal} arrives, leaves no process, exits 130`, async () => {
      const running = await startMeasuring('ssee-tester', 'r1-ssee-tester');
      // Let some streams complete, so that there is something to report.
      await new Promise((wake) => setTimeout(wake, 1000));
      running.child.kill(signal);
      const result = await running.done;
      expect(result.code).toBe(130);
      expect(leftOver()).toEqual([]);
      const runDir = findRunDir(join(outDir, 'runs'));
      expect(result.lastLine).toBe(runDir);
      expect(readRunRecord(runDir).state).toBe('interrupted');
      expect((await runCli(['report', runDir])).code).toBe(0);
      const tester = armOf(readComparison(runDir), 'ssee-tester');
      expect(tester.trials[0]).toMatchObject({ state: 'interrupted' });
      expect(outcomeOf(tester, 'completed')).toBeGreaterThan(0);
    }, 60_000);
  }

  it('makes a row of a target that dies in mid-trial and goes on with the next', async () => {
    const running = await startMeasuring('ssee-tester, curl', 'r1-ssee-tester');
    const runDir = findRunDir(join(outDir, 'runs'));
    const target = processesMatching('dist/targets/node-http/server.js').find((pid) =>
      belongsTo(pid, running),
    );
    process.kill(target!, 'SIGKILL');
    const result = await running.done;
    expect(result.code).toBe(1);
    const [first, second] = readRunRecord(runDir).trials;
    expect(first).toMatchObject({ state: 'failed', target: { died: { signal: 'SIGKILL' } } });
    expect(first!.reason).toMatch(/target/);
    expect(second).toMatchObject({ state: 'done' });
    expect(leftOver()).toEqual([]);
    expect((await runCli(['report', runDir])).code).toBe(0);
  }, 90_000);

  it('makes a row of a tool that is killed in mid-trial', async () => {
    const running = await startMeasuring('wrk', 'r1-wrk');
    for (const pid of processesMatching(mark())) {
      if (readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'wrk') process.kill(pid, 'SIGKILL');
    }
    const result = await running.done;
    expect(result.code).toBe(1);
    const runDir = findRunDir(join(outDir, 'runs'));
    expect(readRunRecord(runDir).trials[0]).toMatchObject({ state: 'failed' });
    expect(readRunRecord(runDir).trials[0]!.reason).toMatch(/SIGKILL/);
    expect(leftOver()).toEqual([]);
    expect((await runCli(['report', runDir])).code).toBe(0);
  }, 60_000);

  it('reaps at the next start what a killed harness left, and reports the stored part', async () => {
    const running = await startMeasuring('wrk', 'r1-wrk');
    const runDir = findRunDir(join(outDir, 'runs'));
    running.child.kill('SIGKILL');
    await running.done;
    const next = await runCli([
      'run',
      writeScenario({ tools: 'curl', duration: '1s' }),
      '--out',
      join(outDir, 'next'),
    ]);
    expect(next.code).toBe(0);
    expect(next.stderr).toMatch(/left by an earlier run/);
    expect(leftOver()).toEqual([]);
    expect(existsSync(join(runDir, 'run.json'))).toBe(true);
    expect((await runCli(['report', runDir])).code).toBe(0);
    expect(readComparison(runDir).state).toBe('running');
  }, 90_000);
});

/** True when `pid` descends from the started command line. */
function belongsTo(pid: number, running: RunningCli): boolean {
  for (let current = pid; current > 1; ) {
    if (current === running.child.pid) return true;
    if (!readdirSync('/proc').includes(String(current))) return false;
    const stat = readFileSync(`/proc/${current}/stat`, 'utf8');
    current = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  }
  return false;
}
