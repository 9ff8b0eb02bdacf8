import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readGoRuntimeLog } from '../../src/evidence/go-runtime-log.ts';

/** As go1.26.8 printed them. */
const LOG = `SCHED 107ms: gomaxprocs=2 idleprocs=0 threads=5 spinningthreads=0 needspinning=1 idlethreads=1 runqueue=7 [ 2 1 ] schedticks=[ 16728 797 ]
gc 1 @0.112s 3%: 0.052+0.17+0.006 ms clock, 0.10+0.075/0.048/0.041+0.013 ms cpu, 3->3->0 MB, 4 MB goal, 0 MB stacks, 0 MB globals, 2 P
ready
gc 2 @0.150s 3%: 0.010+0.17+0.200 ms clock, 0.10+0/0.05/9+0.01 ms cpu, 3->3->0 MB, 4 MB goal, 0 MB stacks, 0 MB globals, 2 P (forced)
SCHED 207ms: gomaxprocs=2 idleprocs=1 threads=9 spinningthreads=0 needspinning=0 idlethreads=2 runqueue=0 [ 0 0 ] schedticks=[ 18501 1485 ]
`;

test('queues, processors and pauses are those that the runtime printed', () => {
  const read = readGoRuntimeLog(LOG)!;
  expect(read).toMatchObject({
    looks: 2,
    procs: 2,
    idleProcsMean: 0.5,
    threadsMax: 9,
    runQueueMean: 5,
    runQueueMax: 10,
    gcCycles: 2,
    gcPauseMaxUs: 200,
  });
  expect(read.gcStoppedShare).toBeCloseTo(0.268 / 100);
  // 0.10 + 0.075 + 0.048 + 0.013 and 0.10 + 0 + 0.05 + 0.01, without the idle workers.
  expect(read.gcCpuS).toBeCloseTo(0.000396);
});

test('Go 1.19 prints fewer fields', () => {
  const line =
    'SCHED 1009ms: gomaxprocs=8 idleprocs=8 threads=6 spinningthreads=0 idlethreads=4 runqueue=1 [0 0 0 0 0 0 0 2]';
  expect(readGoRuntimeLog(line)).toMatchObject({ procs: 8, runQueueMax: 3, gcCycles: 0 });
});

test('one look has no span, so that no share of it was stopped', () => {
  expect(readGoRuntimeLog(LOG.split('\n')[0]!)).not.toHaveProperty('gcStoppedShare');
});

test('without a line of the scheduler nothing is known, not even that nothing was collected', () => {
  expect(readGoRuntimeLog('')).toBeUndefined();
  expect(readGoRuntimeLog(LOG.split('\n')[1]!)).toBeUndefined();
});

test('any piece of the log, cut anywhere, gives finite figures of whole lines or none', () => {
  const positions = fc.tuple(fc.nat(LOG.length), fc.nat(LOG.length));
  fc.assert(
    fc.property(positions, ([a, b]) => {
      const piece = LOG.slice(Math.min(a, b), Math.max(a, b));
      const read = readGoRuntimeLog(piece);
      const whole = piece.match(/^SCHED.*\[ \d+ \d+ \](?= sched)/gm) ?? [];
      expect(read?.looks ?? 0).toBeGreaterThanOrEqual(whole.length);
      expect(read?.looks ?? 0).toBeLessThanOrEqual(2);
      for (const value of Object.values(read ?? {})) expect(Number.isFinite(value)).toBe(true);
    }),
  );
});

test('any text is read without an error', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      readGoRuntimeLog(text);
      readGoRuntimeLog(`SCHED ${text}`);
    }),
  );
});
