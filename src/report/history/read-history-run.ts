import type { Cell } from '../../model/cell.ts';
import type { ArmComparison, Comparison } from '../../model/comparison.ts';
import { HISTORY_METRICS, type HistoryMetric, type HistoryPoint } from '../../model/history.ts';
import { formatDuration } from '../../model/units.ts';

/** What the history keeps of one comparison.json, which is a hundred times larger. */
export interface RunExtract {
  folder: string;
  hasReport: boolean;
  scenario: string;
  startedAt: string;
  state: Comparison['state'];
  verdict: string;
  /** What figures depend on, by its name for people. */
  surroundings: Record<string, string>;
  arms: { id: string; points: Record<HistoryMetric, HistoryPoint> }[];
}

const GIB = 2 ** 30;
const STATES: readonly string[] = ['running', 'done', 'interrupted', 'failed'];

/**
 * @param value parsed comparison.json
 * @throws TypeError with a clause that says why it is none
 */
export function extractRun(value: unknown, folder: string, hasReport: boolean): RunExtract {
  const comparison = value as Partial<Comparison> | null;
  if (typeof comparison !== 'object' || comparison === null) throw new TypeError('it holds no comparison');
  if (comparison.schema !== 'ssee-bench/comparison/1') {
    throw new TypeError(`its schema is ${JSON.stringify(comparison.schema)}, not "ssee-bench/comparison/1"`);
  }
  const { scenario, startedAt, state, verdict, environment, load, arms } = comparison;
  const whole =
    typeof scenario?.name === 'string' &&
    typeof scenario.sha256 === 'string' &&
    typeof startedAt === 'string' &&
    Number.isFinite(Date.parse(startedAt)) &&
    STATES.includes(state ?? '') &&
    typeof verdict === 'string' &&
    typeof environment?.cpuModel === 'string' &&
    typeof load?.connections === 'number' &&
    Array.isArray(arms) &&
    arms.every((arm) => typeof arm?.id === 'string' && typeof arm.metrics === 'object' && arm.metrics);
  if (!whole) throw new TypeError('it lacks scenario, time, state, verdict, environment, load or arms');
  return {
    folder,
    hasReport,
    scenario: scenario.name,
    startedAt,
    state: state!,
    verdict,
    surroundings: describeSurroundings(comparison as Comparison),
    arms: arms.map((arm) => ({ id: arm.id, points: readPoints(arm) })),
  };
}

function describeSurroundings(comparison: Comparison): Record<string, string> {
  const { environment: machine, load, scenario, arms } = comparison;
  const versions: Record<string, string> = {};
  for (const { tool, toolVersion, target } of arms) {
    versions[`${tool}`] = toolVersion ?? 'not found';
    if (target?.name) versions[`target ${target.name}`] = target.version ?? 'version unknown';
  }
  return {
    'scenario text': `${scenario.sha256.slice(0, 12)}`,
    load: `${load.connections} x ${formatDuration(load.durationMs)}, timeout ${formatDuration(load.timeoutMs)}, ${load.stream}`,
    machine: `${machine.cpus} x ${machine.cpuModel}, ${Math.round(machine.memoryBytes / GIB)} GiB`,
    system: String(machine.os),
    kernel: String(machine.kernel),
    Node: String(machine.node),
    network: machine.namespaces ? 'a namespace per trial' : 'shared loopback',
    'ssee-bench': comparison.harnessVersion,
    ...versions,
  };
}

function readPoints({ metrics }: ArmComparison): RunExtract['arms'][number]['points'] {
  return Object.fromEntries(HISTORY_METRICS.map((id) => [id, readPoint(metrics[id])])) as Record<
    HistoryMetric,
    HistoryPoint
  >;
}

function readPoint(cell: Cell | undefined): HistoryPoint {
  if (!cell) return { known: false, why: 'not-collected', detail: 'that version did not know the metric' };
  if (!cell.known) return { known: false, why: cell.why, detail: cell.detail };
  if (typeof cell.value !== 'number' || !Number.isFinite(cell.value)) {
    return { known: false, why: 'not-collected', detail: 'the stored value is no number' };
  }
  return { known: true, value: cell.value, ...(cell.range ? { range: cell.range } : {}) };
}
