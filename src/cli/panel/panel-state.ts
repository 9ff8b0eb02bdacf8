import type { LiveSample } from '../../model/live-sample.ts';
import type { StreamKind } from '../../model/plan.ts';
import { SlidingWindow } from '../../tester/live/sliding-window.ts';
import { GENERATOR_FULL_FROM } from '../tester/text/verdict.ts';

/** What is known before the first sample. */
export interface PanelLoad {
  url: string;
  durationMs: number;
  stream: StreamKind;
}

/** One rate of the load: now, over the last ten seconds, and every interval since the start. */
export interface PanelRate {
  window: SlidingWindow;
  /** Per second, oldest first. */
  history: number[];
}

/** Everything that the panel shows. */
export interface PanelState {
  load: PanelLoad;
  sample: LiveSample | undefined;
  events: PanelRate;
  requests: PanelRate;
  bytes: PanelRate;
  /** Intervals in which the load generator had nothing left. */
  limitedIntervals: number;
}

export function startPanelState(load: PanelLoad): PanelState {
  const startRate = (): PanelRate => ({ window: new SlidingWindow(), history: [] });
  return {
    load,
    sample: undefined,
    events: startRate(),
    requests: startRate(),
    bytes: startRate(),
    limitedIntervals: 0,
  };
}

/** Take in one sample; changes `state`. A history grows by 8 bytes per interval. */
export function advancePanelState(state: PanelState, sample: LiveSample): void {
  state.sample = sample;
  const push = ({ window, history }: PanelRate, perSec: number): void => {
    window.push(perSec, sample.intervalMs);
    history.push(perSec);
  };
  push(state.events, sample.eventsPerSec);
  push(state.requests, sample.requestsPerSec);
  push(state.bytes, sample.bytesPerSec);
  if (isLimited(sample)) state.limitedIntervals++;
}

export function isLimited({ cpuShare }: LiveSample): boolean {
  return cpuShare > GENERATOR_FULL_FROM;
}
