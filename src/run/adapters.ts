import type { PacketCapture } from '../capture/packet-capture.ts';
import type { TargetSpec } from '../model/plan.ts';
import type { NetworkSpace } from '../process/network-space.ts';
import type { ProcessRegistry } from '../process/process-registry.ts';
import type { TargetLauncher } from '../target/target-launcher.ts';
import type { LoadTool } from '../tools/load-tool.ts';

/** Everything outside the harness that a run touches; the one place where adapters meet. */
export interface Adapters {
  /** @throws when no adapter has the name: the scenario's schema admits known names only. */
  findTool(name: string): LoadTool;
  launcher: TargetLauncher;
  capture: PacketCapture;
  /** A server that runs already is reached on the shared loopback only. */
  openSpace(target: TargetSpec): Promise<NetworkSpace>;
  registry: ProcessRegistry;
}
