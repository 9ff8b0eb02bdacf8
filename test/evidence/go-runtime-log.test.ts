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
const LINES = LOG.split('\n');
const UNASKED = { env: {}, windowMs: undefined };
const ASKED = { env: { GODEBUG: 'schedtrace=100,gctrace=1' }, windowMs: undefined };

test('queues, processors and pauses are those that the runtime printed', () => {
  const read = readGoRuntimeLog(LOG, { env: {}, windowMs: 400 })!;
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
  expect(read.gcStoppedShare).toBeCloseTo(0.268 / 400, 8);
  // 0.10 + 0.075 + 0.048 + 0.013 and 0.10 + 0 + 0.05 + 0.01, without the idle workers.
  expect(read.gcCpuS).toBeCloseTo(0.000396);
});

test('Go 1.19 prints fewer fields', () => {
  const line =
    'SCHED 1009ms: gomaxprocs=8 idleprocs=8 threads=6 spinningthreads=0 idlethreads=4 runqueue=1 [0 0 0 0 0 0 0 2]';
  expect(readGoRuntimeLog(line, UNASKED)).toMatchObject({ procs: 8, runQueueMax: 3 });
});

const NOTHING_KNOWN = ['gcCycles', 'gcPauseMaxUs', 'gcCpuS', 'gcStoppedShare'];

test.each([
  [{}, false],
  [{ GODEBUG: 'schedtrace=100' }, false],
  [{ GODEBUG: 'gctrace=1,schedtrace=100,gctrace=0' }, false],
  [{ GODEBUG: 'schedtrace=100,gctrace=1' }, true],
])('that nothing was collected is known only where collections were asked for: %j', (env, asked) => {
  const read = readGoRuntimeLog(LINES[0]!, { env, windowMs: 400 })!;
  if (asked) expect(read).toMatchObject({ gcCycles: 0, gcPauseMaxUs: 0, gcCpuS: 0, gcStoppedShare: 0 });
  for (const key of asked ? [] : NOTHING_KNOWN) expect(read).not.toHaveProperty(key);
});

test('a line of a collection that cannot be read leaves nothing known of them, unless it is cut off', () => {
  const odd = 'gc 3 @0.160s 3%: in a form of the future';
  const read = (text: string) => readGoRuntimeLog(text, { ...ASKED, windowMs: 400 });
  for (const key of NOTHING_KNOWN) expect(read(`${LOG}${odd}\n`)).not.toHaveProperty(key);
  expect(read(`${LOG}${odd}`)).toMatchObject({ gcCycles: 2 });
});

test('the share is of the time observed: looks far apart or close together do not change it', () => {
  const late = LOG.replace('SCHED 207ms', 'SCHED 108ms');
  expect(readGoRuntimeLog(late, { env: {}, windowMs: 400 })!.gcStoppedShare).toBeCloseTo(0.268 / 400, 8);
  expect(readGoRuntimeLog(LOG, UNASKED)).not.toHaveProperty('gcStoppedShare');
});

test('without a line of the scheduler nothing is known, not even that nothing was collected', () => {
  expect(readGoRuntimeLog('', ASKED)).toBeUndefined();
  expect(readGoRuntimeLog(LINES[1]!, ASKED)).toBeUndefined();
});

test('any piece of the log, cut anywhere, gives finite figures of whole lines or none', () => {
  const positions = fc.tuple(fc.nat(LOG.length), fc.nat(LOG.length));
  fc.assert(
    fc.property(positions, ([a, b]) => {
      const piece = LOG.slice(Math.min(a, b), Math.max(a, b));
      const read = readGoRuntimeLog(piece, { ...ASKED, windowMs: 400 });
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
      readGoRuntimeLog(text, ASKED);
      readGoRuntimeLog(`SCHED ${text}`, ASKED);
    }),
  );
});
