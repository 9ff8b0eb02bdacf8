import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArmComparison } from '../../src/model/comparison.ts';
import type { RunRecord } from '../../src/model/run-record.ts';
import {
  armOf,
  type CliResult,
  findRunDir,
  makeOutDir,
  numberIn,
  readComparison,
  readRunRecord,
  runCli,
} from '../helpers/run-cli.ts';

/** Streams without pause: the server has something to do. */
const scenario = (target: string, profile: string, duration: string): string => `
name: profiled
target: ${target}
request: {path: "/events?count=5&interval=0"}
stream: finite
load: {connections: 8, duration: ${duration}}
tools: [wrk]
capture: off
observe: {profile: ${profile}}
`;

interface Profiled {
  result: CliResult;
  runDir: string;
  run: RunRecord;
  arm: ArmComparison;
}

async function measure(outDir: string, folder: string, text: string): Promise<Profiled> {
  const file = join(folder, 'scenario.yaml');
  writeFileSync(file, text);
  const result = await runCli(['run', file, '--out', outDir]);
  const runDir = findRunDir(outDir);
  return { result, runDir, run: readRunRecord(runDir), arm: armOf(readComparison(runDir), 'wrk') };
}

describe.each([
  {
    name: 'a Go target',
    text: scenario(
      '{use: go-nethttp, ready: {path: /healthz}, profile: {pprof: /debug/pprof}}',
      '[cpu, block, mutex, goroutine, trace]',
      // Go takes 100 samples per second of CPU time: a window of three seconds has enough on a busy machine too.
      '4s',
    ),
    files: ['cpu.pb.gz', 'block.pb.gz', 'mutex.pb.gz', 'goroutine.pb.gz', 'trace.out'],
    functions: ['syscall.write', 'net/http.serverHandler.ServeHTTP'],
  },
  {
    name: 'a Node target',
    text: scenario('{use: node-http, ready: {path: /healthz}, profile: {inspector: true}}', '[cpu]', '1s'),
    files: ['target.cpuprofile'],
    functions: ['writev (native)', 'socketOnData (node:_http_server:'],
  },
])('profiles of $name', ({ text, files, functions }) => {
  const outDir = makeOutDir();
  const folder = mkdtempSync(join(tmpdir(), 'ssee-profile-test-'));
  let measured: Profiled;

  beforeAll(async () => {
    measured = await measure(outDir, folder, text);
  }, 120_000);
  afterAll(() => {
    rmSync(outDir, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  });

  it('are taken in a trial of their own, and the run succeeds', () => {
    expect(measured.result.stderr).not.toMatch(/internal error/);
    expect(measured.result.code).toBe(0);
    expect(measured.run.trials.map(({ id, state }) => [id, state])).toEqual([
      ['r1-wrk', 'done'],
      ['profile-wrk', 'done'],
    ]);
    expect(measured.run.trials[0]).not.toHaveProperty('profile');
  });

  it('are stored as they came', () => {
    for (const file of files) {
      expect(readFileSync(join(measured.runDir, 'trials/profile-wrk', file)).length).toBeGreaterThan(100);
    }
  });

  it('say what the CPU time of the target went into', () => {
    const { profile, profileDetail } = measured.arm;
    expect(numberIn(profile!.cpu_samples)).toBeGreaterThan(0);
    expect(numberIn(profile!.observer_ratio)).toBeGreaterThan(0);
    expect(numberIn(profile!.syscall_write_share)).toBeGreaterThan(0);
    expect(profileDetail!.hot[0]).toMatchObject({ kind: 'cpu', unit: 's' });
    expect(measured.result.stdout).toContain('Profiles of the target');
  });

  it('are drawn with the functions that everybody looks for', () => {
    const page = readFileSync(join(measured.runDir, 'flame-cpu.html'), 'utf8');
    for (const name of functions) expect(page).toContain(name);
  });

  it('are drawn again by report, byte for byte', async () => {
    const drawn = measured.arm.profileDetail!.files.flatMap(({ flameGraph }) => flameGraph ?? []);
    const read = () => drawn.map((file) => readFileSync(join(measured.runDir, file), 'utf8'));
    const before = read();
    for (const file of drawn) rmSync(join(measured.runDir, file));
    expect((await runCli(['report', measured.runDir])).code).toBe(0);
    expect(read()).toEqual(before);
    expect(existsSync(join(measured.runDir, 'flame-trace.html'))).toBe(false);
  });
});
