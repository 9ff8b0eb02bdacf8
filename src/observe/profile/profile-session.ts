import type { ProfilePlan, ProfileRecord } from '../../model/profile.ts';
import type { NetworkSpace } from '../../process/network-space.ts';

export interface ProfileSession {
  plan: ProfilePlan;
  /** Base URL of the target. */
  targetUrl: string;
  space: NetworkSpace;
  /** Absolute folder for the files. */
  dir: string;
  signal: AbortSignal;
}

/** Takes the profiles of one trial. */
export interface Profiler {
  /** To be added to the environment of the target. */
  env: Record<string, string>;
  /**
   * Collect what the plan says, beginning now: to be called when the tool has been started. Never rejects; what could
   * not be had says why. An abort ends it early.
   */
  collect(session: ProfileSession): Promise<ProfileRecord>;
  /** To be called when the target has ended. Never rejects. */
  close(): Promise<void>;
}
