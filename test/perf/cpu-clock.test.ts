import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bashClock, type CpuClock, findCpuClock } from '../../perf/cpu-clock.ts';
import { findExecutable } from '../../src/process/find-executable.ts';
import { waitUntil } from '../helpers/wait-until.ts';

/** Uses CPU itself and in a child that it waits for, then prints what it used: at least that must be charged. */
const BUSY = `
const { spawnSync } = require('node:child_process');
const burn = 'while (process.cpuUsage().user < 150000); ';
spawnSync(process.execPath, ['-e', burn], { stdio: 'ignore' });
while (process.cpuUsage().user < 150000);
process.stderr.write('to stderr');
process.stdout.write(String(process.cpuUsage().user));
process.exitCode = 7;
`;

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'cpu-clock-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function start(clock: CpuClock, program: string[], file: string) {
  const [command, ...args] = clock.wrap(program, file);
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (data) => {
    ended.stdout += data;
  });
  child.stderr.on('data', (data) => {
    ended.stderr += data;
  });
  const done = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ ...ended, code }));
  });
  return { child, done, ended };
}

const CLOCKS: [string, () => Promise<CpuClock>][] = [
  [
    'the Go helper',
    async () => {
      const found = await findCpuClock();
      if (!found.found || !found.clock.name.startsWith('wait4')) throw new Error('Go is needed');
      return found.clock;
    },
  ],
  ["bash's time", async () => bashClock(findExecutable('bash')!, 'asked for')],
];

describe.each(CLOCKS)('the CPU clock of %s', (name, find) => {
  it('charges the program and its children, and hands on output and exit code', async () => {
    const clock = await find();
    const file = join(dir, `${name}-busy`);
    const ended = await start(clock, [process.execPath, '-e', BUSY], file).done;
    expect(ended).toMatchObject({ code: 7, stderr: 'to stderr' });
    const used = Number(ended.stdout);
    // Its own and the child's 150 ms; sampling splits user from system time, so only the sum is exact.
    const { userUs, systemUs } = clock.read(file);
    expect(used).toBeGreaterThanOrEqual(150_000);
    expect(userUs + systemUs).toBeGreaterThanOrEqual(used + 150_000);
  });

  it('outlives a signal to the group that ends the program', async () => {
    const clock = await find();
    const file = join(dir, `${name}-signal`);
    const script = "process.stdout.write('up'); setInterval(() => {}, 1000);";
    const { child, done, ended } = start(clock, [process.execPath, '-e', script], file);
    await waitUntil('the program runs', () => ended.stdout === 'up');
    process.kill(-child.pid!, 'SIGINT');
    await expect(done).resolves.toMatchObject({ code: 130 });
    const { userUs, systemUs } = clock.read(file);
    expect(userUs + systemUs).toBeGreaterThan(0);
  });

  it('says when a program does not start, by its exit code', async () => {
    const clock = await find();
    const ended = await start(clock, [join(dir, 'nothing-there')], join(dir, `${name}-none`)).done;
    expect(ended.code).toBe(127);
    expect(ended.stderr).toMatch(/no such file/i);
  });

  it('throws for a file that is cut off', async () => {
    const clock = await find();
    const file = join(dir, `${name}-cut`);
    writeFileSync(file, '{"userUs":1}');
    expect(() => clock.read(file)).toThrow();
    expect(() => clock.read(join(dir, 'absent'))).toThrow();
  });
});

it('reads the milliseconds of bash in a language with a decimal comma, below other output', () => {
  const file = join(dir, 'comma');
  writeFileSync(file, 'bash: line 4: 12 Interrupt\n1,500 0,250\n');
  expect(bashClock('bash', '').read(file)).toEqual({ userUs: 1_500_000, systemUs: 250_000 });
  expect(readFileSync(file, 'utf8')).toContain('Interrupt');
});
