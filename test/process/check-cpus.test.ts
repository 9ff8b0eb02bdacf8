import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findUnusableCpus, readAllowedCpus } from '../../src/process/check-cpus.ts';

/** The first CPU that this process may use: not every machine lets it have CPU 0. */
const usable = Number(/^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]);

describe('findUnusableCpus', () => {
  it('names those that are not there, also beside one that is', async () => {
    expect(await findUnusableCpus([usable])).toEqual([]);
    expect(await findUnusableCpus([4094, usable, 4095])).toEqual([4094, 4095]);
    expect(await findUnusableCpus([])).toEqual([]);
  });
});

describe('readAllowedCpus', () => {
  it('is a list as a person writes it', () => {
    expect(readAllowedCpus()).toMatch(/^CPUs? \d+([-,]\d+)*$/);
  });
});
