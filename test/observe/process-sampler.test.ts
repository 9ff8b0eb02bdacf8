import { expect, it, vi } from 'vitest';
import { parseCpuTimes } from '../../src/observe/cpu-times.ts';
import { startProcessSampler } from '../../src/observe/process-sampler.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const read = vi.hoisted(() => vi.fn());
vi.mock('../../src/observe/cpu-times.ts', async (load) => {
  const real = await load<typeof import('../../src/observe/cpu-times.ts')>();
  return { ...real, openMachineTimes: () => ({ read, close() {} }) };
});

it('keeps an error of a look for its end, which a timer would throw at the harness', async () => {
  read.mockImplementation(() => ({ cpu: parseCpuTimes('cpu 1 2 3 4 5 6 7 8\n'), cores: new Map() }));
  const sampler = startProcessSampler({ everyMs: 5, cpus: 1 });
  read.mockClear();
  read.mockImplementationOnce(() => {
    throw new Error('EMFILE: too many open files, open');
  });
  await waitUntil('it has looked again', () => read.mock.calls.length > 1);
  expect(() => sampler.stop()).toThrow(/^EMFILE/);
});
