import type { NetworkSpace } from '../src/process/network-space.ts';
import type { ProcessRegistry } from '../src/process/process-registry.ts';
import type { TargetLauncher } from '../src/target/target-launcher.ts';
import type { FoundCpuClock } from './cpu-clock.ts';
import type { PerfOptions } from './options.ts';

/** What every row measures with. */
export interface Lab {
  options: PerfOptions;
  clock: FoundCpuClock;
  launcher: TargetLauncher;
  registry: ProcessRegistry;
  space: NetworkSpace;
  /** Absolute folder for the output of what is started; not kept. */
  dir: string;
  /** Aborts when the user interrupts. */
  signal: AbortSignal;
  /** One line of progress. */
  say(line: string): void;
}

/** Why a line was not measured although nothing went wrong: thrown by rows, caught by their runner. */
export class SkippedError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'SkippedError';
  }
}
