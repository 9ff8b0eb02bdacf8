import { tmpdir } from 'node:os';
import { expect, it, vi } from 'vitest';
import { isDiskFull } from '../../src/run/full-disk.ts';

const statfs = vi.hoisted(() => vi.fn());
vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  statfsSync: statfs,
}));

const ROOMY = { bsize: 4096, bfree: 1000, bavail: 1000, files: 100, ffree: 50 };

it.each([
  ['with room', ROOMY, false],
  ['without a block', { ...ROOMY, bfree: 0, bavail: 0 }, true],
  ['with the blocks alone that a failed write gave back', { ...ROOMY, bfree: 3, bavail: 3 }, true],
  ['without a further file', { ...ROOMY, ffree: 0 }, true],
  ['that does not count files', { ...ROOMY, files: 0, ffree: 0 }, false],
])('a disk %s is told apart', (_which, stat, full) => {
  statfs.mockReturnValue(stat);
  expect(isDiskFull(tmpdir())).toBe(full);
});

it('what is kept back for root is room for root alone', () => {
  statfs.mockReturnValue({ ...ROOMY, bavail: 0 });
  const uid = vi.spyOn(process, 'getuid');
  expect([0, 1000].map((id) => uid.mockReturnValue(id) && isDiskFull('/'))).toEqual([false, true]);
  uid.mockRestore();
});

it('a disk that cannot be asked is not called full', () => {
  statfs.mockImplementation(() => {
    throw new Error('EIO');
  });
  expect(isDiskFull('/')).toBe(false);
});
