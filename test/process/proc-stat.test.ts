import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isAlive,
  listProcStats,
  parseProcStat,
  readProcFile,
  readProcStat,
} from '../../src/process/proc-stat.ts';

const FIELDS_AFTER_NAME =
  'S 7 42 42 0 -1 4194304 1 2 3 4 150 50 30 20 20 0 11 0 987654 1000 256 18446744073709551615';

describe('parseProcStat', () => {
  it('reads every field at its place', () => {
    expect(parseProcStat(`42 (node) ${FIELDS_AFTER_NAME}\n`)).toEqual({
      pid: 42,
      comm: 'node',
      state: 'S',
      ppid: 7,
      pgrp: 42,
      session: 42,
      utimeTicks: 150,
      stimeTicks: 50,
      cutimeTicks: 30,
      cstimeTicks: 20,
      threads: 11,
      startTimeTicks: 987654,
      rssPages: 256,
    });
  });

  it('is not misled by any program name, brackets and spaces included', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 15 }), (comm) => {
        const stat = parseProcStat(`42 (${comm}) ${FIELDS_AFTER_NAME}`);
        expect(stat).toMatchObject({ comm, ppid: 7, startTimeTicks: 987654, rssPages: 256 });
      }),
    );
  });

  it('gives undefined for a cut line instead of a number that is none', () => {
    const whole = `42 (node) ${FIELDS_AFTER_NAME}`;
    const upToRss = whole.lastIndexOf(' 256');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: upToRss }), (length) => {
        expect(parseProcStat(whole.slice(0, length))).toBeUndefined();
      }),
    );
  });
});

describe('isAlive', () => {
  const stat = parseProcStat(`42 (node) ${FIELDS_AFTER_NAME}`)!;
  it.each([
    ['a sleeping process', { state: 'S', threads: 1 }, true],
    ['a stopped process', { state: 'T', threads: 4 }, true],
    ['a zombie', { state: 'Z', threads: 1 }, false],
    ['a process whose first thread alone is over', { state: 'Z', threads: 3 }, true],
  ])('of %s', (_what, part, alive) => {
    expect(isAlive({ ...stat, ...part })).toBe(alive);
  });
});

describe('reading /proc', () => {
  it('finds this process, alive, with its parent', () => {
    expect(readProcStat(process.pid)).toMatchObject({ pid: process.pid, ppid: process.ppid });
    expect(
      listProcStats()
        .filter(isAlive)
        .map((stat) => stat.pid),
    ).toContain(process.pid);
  });

  it('gives undefined for a process that does not exist', () => {
    expect(readProcStat(2 ** 30)).toBeUndefined();
    expect(isAlive(undefined)).toBe(false);
  });

  it('reads a file of several pieces to its end', () => {
    const text = readProcFile('/proc/kallsyms') ?? readProcFile('/proc/self/smaps');
    expect(text!.length).toBeGreaterThan(8192);
    expect(text!.endsWith('\n')).toBe(true);
  });
});
