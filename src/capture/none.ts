import type { PacketCapture } from './packet-capture.ts';

/** A capture that records nothing and says why: for machines and runs without one. */
export function createNoCapture(reason: string): PacketCapture {
  return {
    name: 'none',
    probe: async () => ({ available: false, reason, remedy: 'set capture: headers in the scenario' }),
    start: async () => ({ stop: async () => ({ state: 'off', reason }) }),
  };
}
