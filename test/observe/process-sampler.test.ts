import { expect, it, vi } from 'vitest';
import { readCpuTimes } from '../../src/observe/cpu-times.ts';
import { startProcessSampler } from '../../src/observe/process-sampler.ts';
import { waitUntil } from '../helpers/wait-until.ts';

vi.mock('../../src/observe/cpu-times.ts', async (load) => {
  const real = await load<typeof import('../../src/observe/cpu-times.ts')>();
  return { ...real, readCpuTimes: vi.fn(real.readCpuTimes) };
});

it('keeps an error of a look for its end, which a timer would throw at the harness', async () => {
  const sampler = startProcessSampler({ everyMs: 5, cpus: 1 });
  const looks = vi.mocked(readCpuTimes);
  looks.mockClear();
  looks.mockImplementationOnce(() => {
    throw new Error('EMFILE: too many open files, open');
  });
  await waitUntil('it has looked again', () => looks.mock.calls.length > 1);
  expect(() => sampler.stop()).toThrow(/^EMFILE/);
});
