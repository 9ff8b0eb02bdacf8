import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoadRun, MeasuredLine, Pair, PerfReport } from '../../perf/model.ts';
import { ROOT } from '../helpers/run-cli.ts';
import { waitUntil } from '../helpers/wait-until.ts';

function startPerf(args: string[]) {
  const child = spawn(process.execPath, [join(ROOT, 'scripts/perf.mjs'), '--no-install', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => {
    output.stdout += data;
  });
  child.stderr.on('data', (data) => {
    output.stderr += data;
  });
  return { child, output, closed: once(child, 'close') };
}

const readReport = (dir: string): PerfReport => JSON.parse(readFileSync(join(dir, 'perf.json'), 'utf8'));

describe('npm run perf', () => {
  let dir: string;
  let code: number | null;
  let stdout: string;
  let report: PerfReport;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'perf-e2e-'));
    const { output, closed } = startPerf([
      ...['--rows', 'R1,R5', '--pairs', '1', '--duration', '1s', '--held', '50', '--out', dir],
    ]);
    [code] = await closed;
    ({ stdout } = output);
    report = readReport(dir);
  }, 120_000);
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const line = (row: number, part: string): MeasuredLine => {
    const found = report.rows[row]!.lines.find(({ name }) => name.includes(part));
    if (found?.state !== 'measured') throw new Error(`${part}: ${JSON.stringify(found)}`);
    return found;
  };

  it('ends with 0 whatever the goals, and prints what it wrote to perf.md', () => {
    expect(code).toBe(0);
    expect(report).toMatchObject({ schema: 'ssee-bench/perf/1', complete: true });
    expect(stdout).toBe(`${readFileSync(join(dir, 'perf.md'), 'utf8')}\n${join(dir, 'perf.md')}\n`);
  });

  it('has both sides of a pair against one target, each with true counts and the CPU of its process', () => {
    const raw = Object.values(report.rows[0]!.raw)[0] as { pairs: Pair[] };
    expect(raw.pairs).toHaveLength(1);
    const { first, ours, peer } = raw.pairs[0]!;
    expect(first).toBe('ours');
    expect([ours.program, peer.program]).toEqual(['ssee-tester', 'wrk']);
    for (const run of [ours, peer]) {
      expect(run.targetRequests).toBeGreaterThan(100);
      expect(run.userUs + run.systemUs).toBeGreaterThan(0);
      expect(run.own.failures).toBe(0);
    }
    const cost = (run: LoadRun): number => (run.userUs + run.systemUs) / run.targetRequests;
    const { values } = line(0, 'short responses');
    expect(values).toEqual({
      ours: [cost(ours)],
      peer: [cost(peer)],
      ratio: [cost(ours) / cost(peer)],
    });
  });

  it('holds every stream and sees the memory of the tester', () => {
    expect(line(1, 'held to the end').values.ours).toEqual([1]);
    // Node alone needs more than 20 MB.
    expect(line(1, 'whole process').values.ours[0]! * 50).toBeGreaterThan(20e6);
  });
});

it('reports what was measured so far when it is interrupted', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'perf-interrupt-'));
  try {
    const { child, output, closed } = startPerf(['--rows', 'R1', '--duration', '20s', '--out', dir]);
    await waitUntil('a load runs', () => output.stderr.includes('run 1 of'), 60_000);
    child.kill('SIGINT');
    expect((await closed)[0]).toBe(130);
    expect(readReport(dir).complete).toBe(false);
    expect(readFileSync(join(dir, 'perf.md'), 'utf8')).toContain('The run was not finished.');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}, 120_000);
