import { UserError } from '../../model/errors.ts';
import type { TimedFault } from '../../model/fault.ts';
import type { NetworkSpace } from '../../process/network-space.ts';
import type { ProcessRegistry } from '../../process/process-registry.ts';
import type { LaunchedProxy } from '../../target/launch-proxy.ts';
import type { Target } from '../../target/target-launcher.ts';
import { type ControlGroup, findDisk } from '../control-group.ts';
import type { Injector } from './injector.ts';
import { type NameServer, startNameServer } from './name-server.ts';
import { addRules, PROBE_ADDRESS, type RuleContext, removeRules, resetConnections } from './packet-rules.ts';
import { pauseGroup } from './pause-group.ts';

/** What there is once target and proxies run. */
export interface Stage {
  target: Target;
  /** Port that the tool connects to. */
  frontPort: number;
  /** Present where the timeline has a delay. */
  delayProxy?: LaunchedProxy;
  /** The target was started again under another pid. */
  onRestart(pid: number): void;
}

/** A timeline before the target is launched: what it can inject here, and what not. */
export interface PreparedTimeline {
  faults: readonly TimedFault[];
  /** The command line of the target with what its faults need. */
  wrapTarget(argv: readonly string[]): string[];
  /** A delay proxy has to stand in front of the target. */
  needsDelayProxy: boolean;
  /** By the id of the fault: how it is injected, or why it cannot be here. */
  injectorsFor(stage: Stage): Map<string, Injector | { skip: string }>;
  close(): Promise<void>;
}

export interface TimelineRequest {
  faults: readonly TimedFault[];
  space: NetworkSpace;
  registry: ProcessRegistry;
  /** Absolute folder of the trial. */
  dir: string;
  /** Group of the target, or why there is none. */
  cpuGroup: ControlGroup | { skip: string };
  ioGroup: ControlGroup | { skip: string };
  /** Quota of the target that is there all the time. */
  targetCpuLimit?: number;
}

/** @throws only for bugs: what this machine or user cannot do is a reason to skip a fault */
export async function prepareTimeline(request: TimelineRequest): Promise<PreparedTimeline> {
  const { faults, space, registry } = request;
  const names = faults.some(({ kind }) => kind === 'dns') ? await tryNameServer(request) : undefined;
  return {
    faults,
    needsDelayProxy: faults.some(({ kind }) => kind === 'delay'),
    wrapTarget: (argv) => (names && 'wrap' in names ? names.wrap(argv) : [...argv]),
    injectorsFor(stage) {
      const rules: RuleContext = { space, registry, port: stage.frontPort };
      return new Map(faults.map((fault) => [fault.id, makeInjector(fault, request, stage, rules, names)]));
    },
    async close() {
      if (names && 'stop' in names) await names.stop();
    },
  };
}

function makeInjector(
  fault: TimedFault,
  request: TimelineRequest,
  stage: Stage,
  rules: RuleContext,
  names: NameServer | { skip: string } | undefined,
): Injector | { skip: string } {
  const { target, delayProxy } = stage;
  switch (fault.kind) {
    case 'cpu': {
      const { cpuGroup: group, targetCpuLimit } = request;
      if ('skip' in group) return group;
      return { inject: () => group.setCpu(fault.amount), undo: () => group.setCpu(targetCpuLimit) };
    }
    case 'disk':
      return limitDisk(request, fault.amount!);
    case 'pause':
      return target.pid === undefined
        ? { skip: 'the target is no process of the harness' }
        : pauseGroup(() => target.pid!, request.registry);
    case 'restart': {
      const { restart } = target;
      if (!restart) return { skip: 'the target is no process of the harness' };
      let down = false;
      return {
        async inject() {
          down = true;
          await restart.end(fault.signal!);
        },
        async undo() {
          if (!down) return;
          down = false;
          await restart.begin(stage.onRestart);
        },
      };
    }
    case 'delay':
      if (!delayProxy?.setDelay) return { skip: 'no proxy stands in front of the target' };
      return { inject: () => delayProxy.setDelay!(fault.amount!), undo: () => delayProxy.setDelay!(0) };
    case 'loss':
      return filterPackets(fault, rules, [
        `tcp dport ${rules.port} ${dropping(fault.amount!)}`,
        `tcp sport ${rules.port} ${dropping(fault.amount!)}`,
      ]);
    case 'dns':
      if (names && 'skip' in names) return names;
      return filterPackets(fault, rules, ['udp dport 53 drop', 'tcp dport 53 drop']);
    case 'reset':
      return resetAll(fault, rules);
  }
}

function dropping(share: number): string {
  return share >= 1 ? 'drop' : `numgen random mod 100000 < ${Math.round(share * 100_000)} drop`;
}

function limitDisk(
  { ioGroup: group, dir }: TimelineRequest,
  bytesPerSec: number,
): Injector | { skip: string } {
  if ('skip' in group) return group;
  try {
    const device = findDisk(dir);
    return {
      inject: () => group.setWriteRate(device, bytesPerSec),
      undo: () => group.setWriteRate(device, undefined),
    };
  } catch (error) {
    if (error instanceof UserError) return { skip: error.message };
    throw error;
  }
}

const NEEDS_NAMESPACE = { skip: 'it needs a network namespace of its own (root)' };

/** Every rule passes over the health probes. */
function filterPackets(
  fault: TimedFault,
  context: RuleContext,
  rules: readonly string[],
): Injector | { skip: string } {
  if (!context.space.isolated) return NEEDS_NAMESPACE;
  const table = `ssee_${fault.id.replace('-', '_')}`;
  let forget: (() => void) | undefined;
  return {
    async inject() {
      forget = await addRules(context, table, [
        `ip saddr ${PROBE_ADDRESS} accept`,
        `ip daddr ${PROBE_ADDRESS} accept`,
        ...rules,
      ]);
    },
    async undo() {
      if (!forget) return;
      await removeRules(context, table);
      forget();
      forget = undefined;
    },
  };
}

/**
 * Connections that stand are reset at once, those that are made meanwhile when their request comes. The server never
 * sees such a request: what it is left with is reset at the end.
 */
function resetAll(fault: TimedFault, context: RuleContext): Injector | { skip: string } {
  const filter = filterPackets(fault, context, [
    `tcp dport ${context.port} tcp flags & psh == psh reject with tcp reset`,
  ]);
  if ('skip' in filter) return filter;
  let active = false;
  return {
    async inject() {
      active = true;
      await filter.inject();
      await resetConnections(context);
    },
    async undo() {
      if (!active) return;
      active = false;
      try {
        await resetConnections(context);
      } finally {
        await filter.undo();
      }
    },
  };
}

async function tryNameServer(request: TimelineRequest): Promise<NameServer | { skip: string }> {
  if (!request.space.isolated) return NEEDS_NAMESPACE;
  try {
    return await startNameServer(request);
  } catch (error) {
    if (error instanceof UserError) return { skip: error.message };
    throw error;
  }
}
