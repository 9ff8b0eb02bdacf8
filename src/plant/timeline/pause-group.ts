import { readProcStat } from '../../process/proc-stat.ts';
import { signalProcess } from '../../process/process-family.ts';
import type { ProcessRegistry } from '../../process/process-registry.ts';
import type { Injector } from './injector.ts';

/** Stop a whole process group and let it go on. */
export function pauseGroup(leader: () => number, registry: Pick<ProcessRegistry, 'note'>): Injector {
  let paused: { pid: number; forget(): void } | undefined;
  return {
    inject() {
      const pid = leader();
      const startTimeTicks = readProcStat(pid)?.startTimeTicks;
      if (startTimeTicks === undefined) throw new Error(`there is no process ${pid} to stop`);
      paused = { pid, forget: registry.note({ kind: 'paused', leader: { pid, startTimeTicks } }) };
      signalProcess(-pid, 'SIGSTOP');
    },
    undo() {
      if (!paused) return;
      signalProcess(-paused.pid, 'SIGCONT');
      paused.forget();
      paused = undefined;
    },
  };
}
