import type { KernelRecord, ProcessRecord, SocketRecord, SpaceSettings } from '../model/run-record.ts';
import type { NetworkSpace } from '../process/network-space.ts';
import { type ProcessSample, type ProcessSamples, startProcessSampler } from './process-sampler.ts';
import { type SocketWatch, watchSockets } from './socket-watch.ts';
import { readTcpCounters, subtractCounters } from './tcp-counters.ts';

export interface ObserverOptions {
  /** Whose TCP counters are read. */
  space: NetworkSpace;
  everyMs: number;
  /** CPUs that an unpinned process may use. */
  cpus: number;
  /** Leader of the target's process group; absent for a target that the harness did not start. */
  targetPid?: number;
  toolPin?: readonly number[];
  targetPin?: readonly number[];
  /** The target's port, to watch its sockets. */
  port?: number;
  settings?: SpaceSettings;
  /** Called with every look at the processes. */
  onLook?: (sample: ProcessSample) => void;
}

export interface Observer {
  /** Name the tool as soon as it has been started. May be called again for a further process of the tool. */
  watchTool(pid: number): void;
  /** The target was started again as this process. */
  watchTarget(pid: number): void;
  /**
   * To be called when the tool has ended, before anything else is started or ended.
   * @throws what made a look fail: figures over the others would have a hole that nobody sees
   */
  stop(): Observation;
  /** Stop looking without a result. Never throws; does nothing after `stop`. */
  abandon(): void;
}

export interface Observation {
  process: ProcessRecord;
  /** Counters are empty when the network space was gone before its last reading. */
  kernel: KernelRecord;
  samples: ProcessSamples;
}

function closeWaitOf(seen: SocketRecord | undefined): Partial<ProcessRecord> {
  if (!seen) return {};
  const { closeWaitAfter, closeWaitPerSec, closeWaitFit } = seen;
  return {
    targetCloseWait: closeWaitAfter,
    ...(closeWaitPerSec === undefined ? {} : { targetCloseWaitPerSec: closeWaitPerSec }),
    ...(closeWaitFit === undefined ? {} : { targetCloseWaitFit: closeWaitFit }),
  };
}

/** Watch tool, target, machine and TCP counters from now until `stop`. Start it right before the tool. */
export function startObserver(options: ObserverOptions): Observer {
  const { space, port, settings, ...samplerOptions } = options;
  const countersBefore = readTcpCounters(space.pid);
  const sockets: SocketWatch | undefined = port === undefined ? undefined : watchSockets(space.pid, port);
  const sampler = startProcessSampler(samplerOptions);
  return {
    watchTool: sampler.watchTool,
    watchTarget: sampler.watchTarget,
    abandon() {
      sampler.abandon();
      sockets?.abandon();
    },
    stop() {
      const { process, samples } = sampler.stop();
      const seen = sockets?.stop();
      const countersAfter = readTcpCounters(space.pid);
      const counters = countersBefore && countersAfter ? subtractCounters(countersAfter, countersBefore) : {};
      const kernel: KernelRecord = {
        isolated: space.isolated,
        counters,
        ...(seen ? { sockets: seen } : {}),
        ...(settings ? { settings } : {}),
      };
      return { process: { ...process, ...closeWaitOf(seen) }, kernel, samples };
    },
  };
}
