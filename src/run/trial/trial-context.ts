import type { Arm, Plan, Trial } from '../../model/plan.ts';
import type { TrialRecord } from '../../model/run-record.ts';
import type { ProcessSample } from '../../observe/process-sampler.ts';
import type { Profiler } from '../../observe/profile/profile-session.ts';
import type { PlantedFaults } from '../../plant/plant-faults.ts';
import type { NetworkSpace } from '../../process/network-space.ts';
import type { LaunchedProxy } from '../../target/launch-proxy.ts';
import type { Target } from '../../target/target-launcher.ts';
import type { Adapters } from '../adapters.ts';
import type { RunStore } from '../run-store.ts';

/** What a trial is given: what to do, and everything to do it with. */
export interface TrialContext {
  trial: Trial;
  arm: Arm;
  plan: Plan;
  /** Records of the trials before this one. */
  earlier: readonly TrialRecord[];
  store: RunStore;
  adapters: Adapters;
  signal: AbortSignal;
  /** One line is added per thing that went wrong with the harness itself. */
  problems: string[];
  /** Given, the trial can be looked into while it runs, which costs: tools that can write a series do. */
  onProcessSample?: (sample: ProcessSample) => void;
}

/** What stands while a trial runs. */
export interface Place {
  dir: string;
  space: NetworkSpace;
  target: Target;
  planted: PlantedFaults;
  /** What tools connect to: the proxy where there is one, the target otherwise. */
  front: { url: string; port: number };
  proxy?: LaunchedProxy;
  /** Of a profile trial. */
  profiler?: Profiler;
}
