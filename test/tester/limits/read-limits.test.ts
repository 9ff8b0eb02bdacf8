import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseMayRaise, parseOpenFiles, readLimits } from '../../../src/tester/limits/read-limits.ts';

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units     
Max processes             63352                63352                processes 
Max open files            1024                 1048576              files     
Max locked memory         8388608              8388608              bytes     
`;

test('soft and hard limit are read from the table of the kernel', () => {
  expect(parseOpenFiles(LIMITS)).toEqual({ soft: 1024, hard: 1_048_576 });
  expect(parseOpenFiles(LIMITS.replace('1048576', 'unlimited'))).toEqual({
    soft: 1024,
    hard: Number.POSITIVE_INFINITY,
  });
});

test('a table without them gives null', () => {
  expect(parseOpenFiles('')).toBeNull();
  expect(parseOpenFiles('Max open files            1024')).toBeNull();
});

test('only with CAP_SYS_RESOURCE a limit may be raised, whoever the user is', () => {
  expect(parseMayRaise('Name:\tnode\nCapEff:\t000001ffffffffff\n')).toBe(true);
  // Root of a container that was not given it.
  expect(parseMayRaise('Name:\tnode\nCapEff:\t000001fffeffffff\n')).toBe(false);
  expect(parseMayRaise('CapEff:\t0000000000000000\n')).toBe(false);
  expect(parseMayRaise('')).toBe(false);
});

test('this kernel tells its limits', () => {
  const { openFiles, portRange } = readLimits();
  expect(openFiles!.soft).toBeGreaterThan(0);
  expect(openFiles!.hard).toBeGreaterThanOrEqual(openFiles!.soft);
  const [low, high] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/);
  expect(portRange).toEqual([Number(low), Number(high)]);
});

test('Node takes its hard limit by itself, so a low soft limit of the shell is no problem', () => {
  const script = 'process.stdout.write(require("fs").readFileSync("/proc/self/limits", "utf8"))';
  const limits = execFileSync(
    'bash',
    ['-c', 'ulimit -Sn 128 && ulimit -Hn 512 && exec "$0" -e "$1"', process.execPath, script],
    { encoding: 'utf8' },
  );
  expect(parseOpenFiles(limits)).toEqual({ soft: 512, hard: 512 });
});
