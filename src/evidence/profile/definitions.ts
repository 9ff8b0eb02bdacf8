import {
  CPU_CATEGORIES,
  CPU_PHASES,
  type CpuCategory,
  type CpuPhase,
  GOROUTINE_STATES,
  type GoroutineState,
  type ProfileFigureId,
} from '../../model/profile.ts';
import type { FigureDefinition } from '../definitions.ts';

const CATEGORY_TEXTS: Record<CpuCategory, string> = {
  header_parse: 'reading and parsing request heads, reads of the socket left out',
  json: 'JSON encoding and decoding',
  syscall_read: 'read system calls',
  syscall_write: "write system calls; on loopback they run the receiver's TCP stack as well",
  write_flush: 'building and flushing responses, system calls left out',
  connection: 'accepting, setting up and closing connections',
  gc: 'garbage collection',
  malloc: 'allocating memory, as far as it is in no other category',
  scheduler: "the runtime's scheduler and network poller, timers and ticks",
  lock: 'taking and releasing locks',
  handler: "the program's own code",
  native: "Node's native code outside of JavaScript: reads, polling, the HTTP parser",
  profiler: 'taking the profile itself',
  other: 'everything else',
};

const PHASE_TEXTS: Record<CpuPhase, string> = {
  read_request: 'reading requests, everything called by it included',
  handler: 'handlers, everything called by them included',
  finish_request: 'finishing responses, everything called by it included',
};

const STATE_TEXTS: Record<GoroutineState, string> = {
  network: 'waiting for the network',
  sleep: 'in time.Sleep',
  select: 'in a select',
  channel: 'waiting for a channel',
  lock: 'waiting for a lock or a condition',
  other: 'running, runnable, in a system call, or waiting for something else',
};

/** Published figures of a profile trial. Shares are of the CPU time that the target used while it was profiled. */
export const PROFILE_DEFINITIONS: Record<ProfileFigureId, FigureDefinition> = {
  ...entries(
    CPU_CATEGORIES,
    (category) => `${category}_share` as const,
    (category) => ratio('profile-category/1', `share of the target's CPU time: ${CATEGORY_TEXTS[category]}`),
  ),
  ...entries(
    CPU_PHASES,
    (phase) => `${phase}_phase_share` as const,
    (phase) => ratio('profile-phase/1', `share of the target's CPU time: ${PHASE_TEXTS[phase]}`),
  ),
  allocation_share: ratio(
    'profile-allocation/1',
    "share of the target's CPU time: allocating memory for any purpose; overlaps with the categories",
  ),
  cpu_cores: ratio('profile-cores/1', 'CPU time in the profile / time that it covers'),
  cpu_samples: count('profile-samples/1', 'samples of the CPU profile'),
  block_lock_ratio: ratio('block-lock/1', 'seconds that goroutines waited for locks / second'),
  block_condition_ratio: ratio(
    'block-condition/1',
    'seconds that goroutines waited in sync.Cond and sync.WaitGroup / second',
  ),
  block_channel_ratio: ratio(
    'block-channel/1',
    'seconds that goroutines waited in channel operations and selects, pacing included / second',
  ),
  mutex_ratio: ratio('mutex/1', "seconds that the program's own locks kept others waiting / second"),
  runtime_lock_ratio: ratio('runtime-lock/1', "the same for locks inside Go's runtime"),
  goroutines: count('goroutines/1', 'goroutines in the middle of the profile, those of the profile left out'),
  ...entries(
    GOROUTINE_STATES,
    (state) => `goroutines_${state}` as const,
    (state) => count('goroutines/1', `goroutines ${STATE_TEXTS[state]}`),
  ),
  observer_ratio: ratio(
    'profile-observer/1',
    'rate in the profile trial / median rate of the measured trials',
  ),
};

function entries<Name extends string, Id extends string>(
  names: readonly Name[],
  idOf: (name: Name) => Id,
  define: (name: Name) => FigureDefinition,
): Record<Id, FigureDefinition> {
  return Object.fromEntries(names.map((name) => [idOf(name), define(name)])) as Record<Id, FigureDefinition>;
}

function ratio(definition: string, text: string): FigureDefinition {
  return { unit: 'ratio', definition, text };
}

function count(definition: string, text: string): FigureDefinition {
  return { unit: 'count', definition, text };
}
