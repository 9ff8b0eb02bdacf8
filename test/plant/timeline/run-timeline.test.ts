import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FaultRecord, TimedFault } from '../../../src/model/fault.ts';
import type { Injector } from '../../../src/plant/timeline/injector.ts';
import type { Stage } from '../../../src/plant/timeline/prepare-timeline.ts';
import {
  startTimeline,
  type TimelineClock,
  type TimelineOptions,
} from '../../../src/plant/timeline/run-timeline.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'timeline-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const stage = {} as Stage;
const FAULTS: TimedFault[] = [
  { id: '1-pause', kind: 'pause', atMs: 1000, forMs: 500 },
  { id: '2-dns', kind: 'dns', atMs: 3000, forMs: 500 },
];

/** Time that passes as fast as it is waited for; from `stopAtMs` on every wait lasts until the stop. */
function fakeClock(stopAtMs = Number.POSITIVE_INFINITY): TimelineClock & { reached: Promise<void> } {
  let nowMs = 0;
  let sayReached: () => void;
  const reached = new Promise<void>((resolve) => {
    sayReached = resolve;
  });
  return {
    reached,
    nowMs: () => nowMs,
    waitUntil(atMs, signal) {
      if (atMs < stopAtMs) {
        nowMs = Math.max(nowMs, atMs);
        return Promise.resolve(!signal.aborted);
      }
      sayReached();
      return new Promise((resolve) => {
        if (signal.aborted) resolve(false);
        signal.addEventListener('abort', () => resolve(false));
      });
    },
  };
}

function start(
  injectors: Record<string, Injector | { skip: string }>,
  clock: TimelineClock,
  more: Partial<TimelineOptions> = {},
) {
  return startTimeline({ faults: FAULTS, injectorsFor: () => new Map(Object.entries(injectors)) }, stage, {
    dir,
    startedAtMs: 0,
    writeFile: writeFileSync,
    clock,
    ...more,
  });
}

const onDisk = (): FaultRecord => JSON.parse(readFileSync(join(dir, 'faults.json'), 'utf8')) as FaultRecord;

/** Notes what it is told to do, and what stood on the disk meanwhile. */
function noting(name: string, notes: string[]): Injector {
  const stateOnDisk = (): string => onDisk().injected.find(({ id }) => id === name)!.state;
  return {
    inject: () => void notes.push(`inject ${name}, ${stateOnDisk()} on disk`),
    undo: () => void notes.push(`undo ${name}`),
  };
}

describe('a timeline', () => {
  it('injects and undoes each fault at its time, and says so on the disk before it does', async () => {
    const notes: string[] = [];
    const clock = fakeClock(3600);
    const timeline = start({ '1-pause': noting('1-pause', notes), '2-dns': noting('2-dns', notes) }, clock);
    const { injected } = await new Promise<FaultRecord>((resolve) => {
      setImmediate(() => resolve(timeline.stop()));
    });
    expect(notes).toEqual([
      'inject 1-pause, active on disk',
      'undo 1-pause',
      'inject 2-dns, active on disk',
      'undo 2-dns',
    ]);
    expect(injected).toMatchObject([
      { state: 'undone', beganMs: 1000, activeMs: 1000, endedMs: 1500, undoneMs: 1500 },
      { state: 'undone', beganMs: 3000, activeMs: 3000, endedMs: 3500, undoneMs: 3500 },
    ]);
    expect(onDisk().injected).toEqual(injected);
  });

  it('undoes what is there when it is stopped, and leaves what had not come', async () => {
    const notes: string[] = [];
    const clock = fakeClock(1500);
    const timeline = start({ '1-pause': noting('1-pause', notes), '2-dns': noting('2-dns', notes) }, clock);
    await clock.reached;
    expect(onDisk().injected[0]!.state).toBe('active');
    const { injected } = await timeline.stop();
    expect(notes).toEqual(['inject 1-pause, active on disk', 'undo 1-pause']);
    expect(injected.map(({ state }) => state)).toEqual(['undone', 'waiting']);
  });

  it('skips what cannot be here, with the reason, and goes on', async () => {
    const notes: string[] = [];
    const clock = fakeClock(3600);
    const timeline = start({ '1-pause': { skip: 'no rights' }, '2-dns': noting('2-dns', notes) }, clock);
    await new Promise((resolve) => setImmediate(resolve));
    const { injected } = await timeline.stop();
    expect(injected).toMatchObject([{ state: 'skipped', reason: 'no rights' }, { state: 'undone' }]);
    expect(injected[0]).not.toHaveProperty('beganMs');
  });

  it('undoes a fault that failed half-way, and one failure to undo hides no other', async () => {
    const notes: string[] = [];
    const broken: Injector = {
      inject: () => Promise.reject(new Error('nft refused\nmore')),
      undo: () => {
        notes.push('undo');
        throw new Error('gone');
      },
    };
    const clock = fakeClock(3600);
    const timeline = start({ '1-pause': broken, '2-dns': noting('2-dns', notes) }, clock);
    await new Promise((resolve) => setImmediate(resolve));
    const { injected } = await timeline.stop();
    expect(notes).toEqual(['undo', 'inject 2-dns, active on disk', 'undo 2-dns']);
    expect(injected[0]).toMatchObject({ state: 'failed', reason: 'nft refused' });
    expect(injected[1]).toMatchObject({ state: 'undone' });
  });

  it('undoes everything on a disk that takes nothing, and says why nothing was written', async () => {
    const notes: string[] = [];
    const silent = (name: string): Injector => ({
      inject: () => void notes.push(`inject ${name}`),
      undo: () => void notes.push(`undo ${name}`),
    });
    const timeline = start({ '1-pause': silent('1-pause'), '2-dns': silent('2-dns') }, fakeClock(), {
      writeFile: () => {
        throw new Error('ENOSPC: no space left on device\nmore');
      },
    });
    await new Promise((resolve) => setImmediate(resolve));
    const { injected, unsaved } = await timeline.stop();
    expect(notes).toEqual(['inject 1-pause', 'undo 1-pause', 'inject 2-dns', 'undo 2-dns']);
    expect(injected.map(({ state }) => state)).toEqual(['undone', 'undone']);
    expect(unsaved).toBe('ENOSPC: no space left on device');
  });

  it('stops the watch of the health whatever happens, and lets its own bug be seen by whoever stops it', async () => {
    let stopped = 0;
    const watchHealth = () => ({
      seen: () => ({ health: [], network: [] }),
      stop: () => {
        stopped++;
        return Promise.resolve();
      },
    });
    // Without an injector for the first fault it cannot go on.
    const timeline = start({}, fakeClock(), { watchHealth });
    await new Promise((resolve) => setImmediate(resolve));
    await expect(timeline.stop()).rejects.toThrow(TypeError);
    expect(stopped).toBe(1);
  });
});
