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
  /** Leader of its process group, another one after a restart. Undefined for a url target. */
  readonly pid?: number;
  record: TargetRecord;
  /** Resolves if it dies by itself; never for a url target. */
  died: Promise<ProcessExit>;
  /** How the harness ends it in mid-trial and starts it again; absent for a url target. */
  restart?: TargetRestart;
  /** Rejects with UserError when it cannot be ended. */
  stop(): Promise<void>;
}

export interface TargetRestart {
  /** End it; this is no death. Rejects with UserError when it cannot be ended. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /**
   * Start it again on the same port, after `end`; ready when it resolves.
   * @param onStart called with the new leader before it is ready
   * @throws UserError when it ends or is not ready in time
   */
  begin(onStart: (pid: number) => void): Promise<void>;
}

export interface TargetLauncher {
  /** Rejects with UserError naming cause and remedy: port taken, exits at once (with its last stderr line), never ready. */
  launch(request: LaunchRequest): Promise<Target>;
}
