import { describe, expect, it } from 'vitest';
import {
  parseOpenFileLimit,
  parsePortRange,
  parsePrettyName,
  readEnvironment,
} from '../../src/observe/environment.ts';

describe('the environment', () => {
  it.each([
    [
      'double quotes',
      'ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
      'Debian GNU/Linux 12 (bookworm)',
    ],
    ['single quotes', "PRETTY_NAME='Alpine Linux'\n", 'Alpine Linux'],
    ['no quotes', 'NAME=x\nPRETTY_NAME=Arch\n', 'Arch'],
    ['no such line', 'NAME=x\n', undefined],
    ['an empty name', 'PRETTY_NAME=""\n', undefined],
  ])('takes the name of the system from os-release with %s', (_what, text, name) => {
    expect(parsePrettyName(text)).toBe(name);
  });

  it.each([
    ['a number', 'Max processes   5  6  processes\nMax open files            1024   524288   files\n', 1024],
    ['unlimited', 'Max open files            unlimited   unlimited   files\n', null],
    ['nothing', '', null],
  ])('takes the soft limit of open files: %s', (_what, text, limit) => {
    expect(parseOpenFileLimit(text)).toBe(limit);
  });

  it('takes the range of ports', () => {
    expect(parsePortRange('32768\t60999\n')).toEqual([32768, 60999]);
    expect(parsePortRange('')).toBeNull();
  });

  it('is read whole on this machine', () => {
    const environment = readEnvironment();
    expect(environment.cpus).toBeGreaterThan(0);
    expect(environment.memoryBytes).toBeGreaterThan(2 ** 20);
    expect(environment.kernel).toMatch(/^Linux \d/);
    expect(environment.node).toBe(process.version);
    expect(environment.portRange?.[1]).toBeGreaterThan(1024);
    expect(environment.openFiles).toBeGreaterThan(0);
    for (const text of [environment.cpuModel, environment.os, environment.user]) expect(text).not.toBe('');
  });
});
