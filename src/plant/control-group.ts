import { existsSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../model/errors.ts';
import type { ProcessRegistry } from '../process/process-registry.ts';
import { removeGroup } from '../process/traces.ts';

/** A cgroup that processes can be started in, with limits that come and go. */
export interface ControlGroup {
  /** The command line that runs `argv` inside the group. */
  wrap(argv: readonly string[]): string[];
  /**
   * @param percent of one CPU; undefined for no quota
   * @throws UserError where the quota cannot be set
   */
  setCpu(percent: number | undefined): void;
  /**
   * Hold writes to a block device back.
   * @param device `major:minor` of a whole disk
   * @param bytesPerSec undefined for no limit
   * @throws UserError where it cannot be set
   */
  setWriteRate(device: string, bytesPerSec: number | undefined): void;
  /** Remove the group; its processes must be over. Never throws. */
  remove(): void;
}

/** What a group is to be able to limit. */
export type Controller = 'cpu' | 'io';

/**
 * Length of a quota period. Unit: us. Reason: a fifth of the kernel's default, so that a trial of two seconds has a
 * hundred of them and a stop lasts no longer than a scheduler's delay would. Doubt: real quotas stop for up to 100 ms.
 */
const PERIOD_US = 20_000;
const V1_ROOTS = { cpu: '/sys/fs/cgroup/cpu', io: '/sys/fs/cgroup/blkio' } as const;
const V1_PROOF = { cpu: 'cpu.cfs_quota_us', io: 'blkio.throttle.write_bps_device' } as const;
const V2_PROOF = { cpu: 'cpu.max', io: 'io.max' } as const;
const REMEDY = {
  cpu: 'a CPU quota needs root and a cgroup cpu controller',
  io: 'a limit of writes needs root and a cgroup io controller',
};

let groupsMade = 0;

/**
 * Make a group in whichever generation of cgroups has the controllers. It is noted before it is made, so that the next
 * start removes what a killed harness has left.
 * @throws UserError where a controller cannot be had or written
 */
export function makeControlGroup(
  controllers: readonly Controller[],
  registry: Pick<ProcessRegistry, 'note'>,
): ControlGroup {
  const name = `ssee-bench-${process.pid}-${groupsMade++}`;
  const folders = new Map<Controller, { folder: string; generation: 1 | 2 }>();
  const made: { folder: string; forget(): void }[] = [];
  const remove = (): void => {
    for (const { folder, forget } of made.splice(0)) if (removeGroup(folder)) forget();
  };
  for (const controller of controllers) {
    try {
      const place = placeOf(controller, name);
      if (!made.some(({ folder }) => folder === place.folder)) {
        made.push({ folder: place.folder, forget: registry.note({ kind: 'cgroup', folder: place.folder }) });
        mkdirSync(place.folder);
      }
      if (!existsSync(join(place.folder, (place.generation === 1 ? V1_PROOF : V2_PROOF)[controller]))) {
        throw new UserError(`${place.folder} has no ${controller} controller`, 1);
      }
      folders.set(controller, place);
    } catch (error) {
      remove();
      throw explain(error, controller);
    }
  }
  const members = made.map(({ folder }) => join(folder, 'cgroup.procs'));
  const write = (
    controller: Controller,
    file: (generation: 1 | 2) => [name: string, text: string][],
  ): void => {
    const place = folders.get(controller);
    if (!place) throw new Error(`the group was made without ${controller}`);
    try {
      for (const [name, text] of file(place.generation)) writeFileSync(join(place.folder, name), text);
    } catch (error) {
      throw explain(error, controller);
    }
  };
  return {
    // The shell enters the groups and becomes the program: nothing of it is left to be measured.
    wrap(argv) {
      const enter = members.map((_, index) => `echo $$ > "$${index + 1}"`).join(' && ');
      return ['/bin/sh', '-c', `${enter} && shift ${members.length} && exec "$@"`, 'sh', ...members, ...argv];
    },
    setCpu(percent) {
      const quotaUs =
        percent === undefined ? undefined : Math.max(1000, Math.round((percent / 100) * PERIOD_US));
      write('cpu', (generation) =>
        generation === 1
          ? [
              ['cpu.cfs_period_us', String(PERIOD_US)],
              ['cpu.cfs_quota_us', String(quotaUs ?? -1)],
            ]
          : [['cpu.max', `${quotaUs ?? 'max'} ${PERIOD_US}`]],
      );
    },
    setWriteRate(device, bytesPerSec) {
      write('io', (generation) =>
        generation === 1
          ? [['blkio.throttle.write_bps_device', `${device} ${bytesPerSec ?? 0}`]]
          : [['io.max', `${device} wbps=${bytesPerSec ?? 'max'}`]],
      );
    },
    remove,
  };
}

function placeOf(controller: Controller, name: string): { folder: string; generation: 1 | 2 } {
  const first = V1_ROOTS[controller];
  if (existsSync(join(first, V1_PROOF[controller])) || existsSync(join(first, 'cgroup.procs'))) {
    return { folder: join(first, name), generation: 1 };
  }
  const root = '/sys/fs/cgroup';
  const enabled = join(root, 'cgroup.subtree_control');
  if (!readFileSync(enabled, 'utf8').split(/\s/).includes(controller)) {
    writeFileSync(enabled, `+${controller}`);
  }
  return { folder: join(root, name), generation: 2 };
}

function explain(error: unknown, controller: Controller): UserError {
  const { code, message } = error as NodeJS.ErrnoException;
  const what = controller === 'cpu' ? 'a CPU quota' : 'a limit of writes';
  return new UserError(`${what} cannot be set (${code ?? message}); ${REMEDY[controller]}`, 1);
}

/**
 * The whole disk that a folder is on, as `major:minor`.
 * @throws UserError where it is on none: in memory, on a network, on layers
 */
export function findDisk(folder: string): string {
  const { dev } = statSync(folder);
  const major = (dev >>> 8) & 0xfff;
  const minor = (dev & 0xff) | ((dev >>> 12) & 0xfff00);
  const device = `/sys/dev/block/${major}:${minor}`;
  if (!existsSync(device)) {
    throw new UserError(`${folder} is on no disk of its own (device ${major}:${minor} is none)`, 1);
  }
  if (!existsSync(join(device, 'partition'))) return `${major}:${minor}`;
  return readFileSync(join(realpathSync(device), '../dev'), 'utf8').trim();
}
