import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { KeptFile, readBytes } from '../../src/observe/kept-file.ts';
import { startChild } from './start-child.ts';

const files: KeptFile[] = [];
function keep(path: string): KeptFile {
  const file = new KeptFile(path);
  files.push(file);
  return file;
}
afterEach(() => {
  for (const file of files.splice(0)) file.close();
});

function countOpen(path: string): number {
  return readdirSync('/proc/self/fd').filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`) === path;
    } catch {
      // That of the listing itself.
      return false;
    }
  }).length;
}

describe('a kept file', () => {
  it('gives what the file says now, at every read', () => {
    const file = keep('/proc/self/comm');
    const title = process.title;
    try {
      for (const name of ['one', 'three']) {
        process.title = name;
        expect(readBytes.toString('latin1', 0, file.read())).toBe(readFileSync('/proc/self/comm', 'latin1'));
      }
    } finally {
      process.title = title;
    }
  });

  it('stays open between reads until it is closed, and opens again', () => {
    const path = `/proc/${process.pid}/statm`;
    const file = keep(path);
    for (const open of [1, 1]) {
      expect(file.read()).toBeGreaterThan(0);
      expect(countOpen(path)).toBe(open);
    }
    file.close();
    file.close();
    expect(countOpen(path)).toBe(0);
    expect(file.read()).toBeGreaterThan(0);
  });

  it('takes no more than 256 descriptors together and reads the rest all the same', () => {
    const path = `/proc/${process.pid}/schedstat`;
    const many = Array.from({ length: 300 }, () => keep(path));
    for (const file of many) expect(file.read()).toBeGreaterThan(0);
    expect(countOpen(path)).toBeLessThanOrEqual(256);
  });

  it('gives undefined where there is no such process, and once it has ended', async () => {
    expect(keep(`/proc/${2 ** 30}/stat`).read()).toBeUndefined();
    const child = startChild('setInterval(() => {}, 1000)');
    const file = keep(`/proc/${child.pid}/stat`);
    expect(file.read()).toBeGreaterThan(0);
    await child.end();
    expect(file.read()).toBeUndefined();
  });

  it('throws where the file is none', () => {
    expect(() => keep('/proc/self/fd').read()).toThrow(/EISDIR/);
  });
});
