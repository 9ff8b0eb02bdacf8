import type { ComparisonKey, RunSide, Share, SideArm } from '../../src/model/gate.ts';
import type { MetricId } from '../../src/model/metrics.ts';

/** A key that is the same everywhere unless parts of it are given. */
export function makeKey(overrides: Partial<ComparisonKey> = {}): ComparisonKey {
  return {
    scenario: { name: 'sse-100c', sha256: 'ab'.repeat(32) },
    load: { connections: 100, durationMs: 30_000, timeoutMs: 5000, stream: 'finite' },
    machine: { cpuModel: 'AMD EPYC', cpus: 2, kernelMajor: '6', nodeMajor: '20', namespaces: true },
    tools: { wrk: '4.1.0' },
    ...overrides,
  };
}

/** A row with one value per round of each metric. */
export function makeSideArm(
  values: Partial<Record<MetricId, number[]>>,
  overrides: Partial<Omit<SideArm, 'shares'>> & { shares?: Partial<Record<MetricId, Share>> } = {},
): SideArm {
  return {
    id: 'wrk',
    name: 'wrk',
    variant: null,
    tool: 'wrk',
    toolVersion: '4.1.0',
    samples: Object.fromEntries(
      Object.entries(values).map(([metric, list]) => [
        metric,
        { rounds: list.map((_, index) => index + 1), values: list },
      ]),
    ),
    shares: {},
    invariants: [],
    invalid: [],
    failed: [],
    ...overrides,
  };
}

/** A side of a finished run. */
export function makeSide(label: string, arms: SideArm[], overrides: Partial<RunSide> = {}): RunSide {
  return { label, startedAt: '2026-01-01T00:00:00.000Z', state: 'done', key: makeKey(), arms, ...overrides };
}

/** Values around `middle`, evenly spread over +- `spread` of it, in a shuffled but fixed order. */
export function around(middle: number, spread: number, rounds = 10): number[] {
  return Array.from({ length: rounds }, (_, index) => {
    const place = (index * 7) % rounds;
    return middle * (1 + spread * ((2 * place) / (rounds - 1) - 1));
  });
}
