import { join } from 'node:path';
import type { FaultRecord, InjectedFault, TimedFault } from '../../model/fault.ts';
import type { Injector } from './injector.ts';
import type { PreparedTimeline, Stage } from './prepare-timeline.ts';
import type { HealthWatch } from './watch-health.ts';

const FAULTS_FILE = 'faults.json';

/** A timeline in progress. */
export interface RunningTimeline {
  /**
   * Undo what is there, and end. Resolves when everything is undone; what could not be is `failed` in the record, and
   * what could not be written is its `unsaved`.
   */
  stop(): Promise<FaultRecord>;
}

/** Wait until a moment of the clock, or until the whole timeline is stopped. Injectable for tests. */
export interface TimelineClock {
  nowMs(): number;
  /** @returns true when the time has come, false when `signal` aborted before */
  waitUntil(atMs: number, signal: AbortSignal): Promise<boolean>;
}

export interface TimelineOptions {
  /** Absolute folder of the trial. */
  dir: string;
  /** Unix time in ms at which the tool was started. */
  startedAtMs: number;
  /** Writes a text as a whole or not at all, and may throw. */
  writeFile(path: string, text: string): void;
  /** Called when nothing can fail any more before the watch is stopped again. */
  watchHealth?: () => HealthWatch;
  clock?: TimelineClock;
}

/**
 * Inject one fault after the other at its time after `startedAtMs`, and undo each. The record is on disk before a fault
 * comes and after it has gone; a disk that takes none stops no fault from being undone.
 */
export function startTimeline(
  prepared: Pick<PreparedTimeline, 'faults' | 'injectorsFor'>,
  stage: Stage,
  options: TimelineOptions,
): RunningTimeline {
  const { dir, startedAtMs, writeFile, clock = realClock } = options;
  let health: HealthWatch | undefined;
  let unsaved: string | undefined;
  const injected: InjectedFault[] = prepared.faults.map(({ id, kind }) => ({ id, kind, state: 'waiting' }));
  const injectors = prepared.injectorsFor(stage);
  const stopping = new AbortController();
  const record = (): FaultRecord => ({
    schema: 'ssee-bench/faults/1',
    injected,
    ...(health?.seen() ?? { health: [], noHealth: 'nobody looked', network: [] }),
    ...(unsaved === undefined ? {} : { unsaved }),
  });
  const save = (): void => {
    try {
      writeFile(join(dir, FAULTS_FILE), `${JSON.stringify(record())}\n`);
    } catch (error) {
      unsaved ??= firstLine(error);
    }
  };

  const runAll = async (): Promise<void> => {
    for (const [index, fault] of prepared.faults.entries()) {
      if (!(await clock.waitUntil(startedAtMs + fault.atMs, stopping.signal))) return;
      await passThrough(fault, injected[index]!, injectors.get(fault.id)!);
    }
  };

  const passThrough = async (
    fault: TimedFault,
    entry: InjectedFault,
    injector: Injector | { skip: string },
  ): Promise<void> => {
    if ('skip' in injector) {
      Object.assign(entry, { state: 'skipped', reason: injector.skip });
      save();
      return;
    }
    entry.state = 'active';
    entry.beganMs = clock.nowMs();
    save();
    try {
      await injector.inject();
      entry.activeMs = clock.nowMs();
      save();
      await clock.waitUntil(entry.beganMs + fault.forMs, stopping.signal);
    } catch (error) {
      fail(entry, error);
    } finally {
      await undo(entry, injector);
      save();
    }
  };

  const undo = async (entry: InjectedFault, injector: Injector): Promise<void> => {
    entry.endedMs = clock.nowMs();
    try {
      await injector.undo();
      entry.undoneMs = clock.nowMs();
      if (entry.state === 'active') entry.state = 'undone';
    } catch (error) {
      fail(entry, error);
    }
  };

  save();
  health = options.watchHealth?.();
  const done = runAll();
  // Whoever stops it hears of a bug in it; until then nobody does.
  done.catch(() => undefined);
  return {
    async stop() {
      stopping.abort();
      try {
        await done;
      } finally {
        await health?.stop();
        save();
      }
      return record();
    },
  };
}

function fail(entry: InjectedFault, error: unknown): void {
  entry.state = 'failed';
  entry.reason ??= firstLine(error);
}

function firstLine(error: unknown): string {
  return ((error as Error).message || String(error)).split('\n')[0]!;
}

const realClock: TimelineClock = {
  nowMs: () => Date.now(),
  waitUntil(atMs, signal) {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const onAbort = (): void => {
        clearTimeout(timer);
        resolve(false);
      };
      const timer = setTimeout(
        () => {
          signal.removeEventListener('abort', onAbort);
          resolve(true);
        },
        Math.max(0, atMs - Date.now()),
      );
      signal.addEventListener('abort', onAbort, { once: true });
    });
  },
};
