import type { ProcessExit, ToolTrial } from '../../src/model/tool.ts';

/** A trial as the plan would hand it over, with what a test does not care about filled in. */
export function makeTrial(overrides: Partial<ToolTrial> = {}): ToolTrial {
  return {
    url: 'http://127.0.0.1:1/finite',
    request: { method: 'GET', path: '/finite', headers: { Accept: 'text/event-stream' } },
    stream: 'finite',
    connections: 4,
    durationMs: 1000,
    timeoutMs: 500,
    dir: '/nonexistent',
    cpus: 2,
    ...overrides,
  };
}

/** An exit as of a tool that ended by itself. */
export function makeExit(overrides: Partial<ProcessExit> = {}): ProcessExit {
  return { code: 0, signal: null, overran: false, sent: [], startedAtMs: 0, wallMs: 1000, ...overrides };
}
