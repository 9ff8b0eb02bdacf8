import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { between, sampleMemoryOfChild } from '../../perf/memory-samples.ts';
import { waitUntil } from '../helpers/wait-until.ts';

it('sees the memory of the child, not that of its parent, and stops with it', async () => {
  // A shell is a hundredth of the child's 64 MB.
  const hold =
    "const held = Buffer.alloc(64e6, 1); process.stdin.resume(); process.stdin.on('end', () => held[0]);";
  const parent = spawn('sh', ['-c', '"$0" -e "$1"; true', process.execPath, hold], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const sampler = sampleMemoryOfChild(parent.pid!, 5);
  await waitUntil('64 MB are seen', () => sampler.samples.some(({ rssBytes }) => rssBytes > 64e6));
  parent.stdin.end();
  await once(parent, 'exit');
  const samples = sampler.stop();
  expect(Math.max(...samples.map(({ rssBytes }) => rssBytes))).toBeGreaterThan(64e6);
  expect(samples.every(({ rssBytes }) => rssBytes > 0)).toBe(true);
  expect(samples.map(({ atS }) => atS)).toEqual(samples.map(({ atS }) => atS).sort((a, b) => a - b));
});

it('cuts out a span of time with both its ends', () => {
  const samples = [1, 2, 3, 4].map((atS) => ({ atS, rssBytes: atS }));
  expect(between(samples, 2, 3).map(({ atS }) => atS)).toEqual([2, 3]);
  expect(between(samples, 5, 9)).toEqual([]);
});
