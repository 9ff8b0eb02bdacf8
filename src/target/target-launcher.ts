import type { TargetSpec } from '../model/plan.ts';
import type { TargetRecord } from '../model/run-record.ts';
import type { ProcessExit } from '../model/tool.ts';
import type { NetworkSpace } from '../process/network-space.ts';

export interface LaunchRequest {
  spec: TargetSpec;
  space: NetworkSpace;
  /** Absolute folder for target-stdout.txt and target-stderr.txt. */
  dir: string;
  signal: AbortSignal;
  /** Present in profile trials: what makes the target ready to be profiled. */
  profiling?: { env: Record<string, string> };
}

/** A target that has answered its readiness probe. */
export interface Target {
  /** Base URL on a numeric host, without trailing slash. */
  url: string;
  port: number;
  /** Undefined for a url target. */
  pid?: number;
  record: TargetRecord;
  /** Resolves if it dies by itself; never for a url target. */
  died: Promise<ProcessExit>;
  /** Rejects with UserError when it cannot be ended. */
  stop(): Promise<void>;
}

export interface TargetLauncher {
  /** Rejects with UserError naming cause and remedy: port taken, exits at once (with its last stderr line), never ready. */
  launch(request: LaunchRequest): Promise<Target>;
}
