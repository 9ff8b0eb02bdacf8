import { representativeTrials } from '../evidence/build-arm-evidence.ts';
import { readingValue } from '../model/cell.ts';
import type { ArmEvidence, TrialEvidence } from '../model/evidence.ts';
import type { JudgedArm } from '../model/finding.ts';
import type {
  ComparisonKey,
  InvariantCount,
  RunSide,
  Sample,
  Share,
  SideArm,
  TargetKey,
} from '../model/gate.ts';
import { METRIC_IDS, METRICS, type MetricId } from '../model/metrics.ts';
import type { RunRecord } from '../model/run-record.ts';
import { isStreamRate } from '../scenario/gate-defaults.ts';
import { findInvalidity } from './validity.ts';

/**
 * The rows of a run, or of one variant of it, as a comparison needs them: one value per measured round.
 *
 * @param label for people: the run folder
 * @param variant keeps the rows of this variant alone, and names them without it
 */
export function buildSide(
  run: RunRecord,
  arms: readonly JudgedArm[],
  label: string,
  variant?: string,
): RunSide {
  const kept = variant === undefined ? arms : arms.filter(({ arm }) => arm.variant === variant);
  const sides = kept.map((judged) => buildArm(run, judged, variant));
  return {
    label: variant === undefined ? label : `${label}@${variant}`,
    startedAt: run.startedAt,
    state: run.state,
    key: buildKey(run, sides),
    arms: sides,
  };
}

function buildKey(run: RunRecord, sides: readonly SideArm[]): ComparisonKey {
  const first = run.plan.arms[0];
  if (!first) throw new Error('a plan has at least one arm');
  const { cpuModel, cpus, kernel, node, namespaces } = run.environment;
  return {
    scenario: { name: run.scenario.name, sha256: run.scenario.sha256 },
    load: {
      connections: first.connections,
      durationMs: first.durationMs,
      timeoutMs: first.timeoutMs,
      stream: first.stream,
    },
    machine: { cpuModel, cpus, kernelMajor: majorOf(kernel), nodeMajor: majorOf(node), namespaces },
    tools: Object.fromEntries(sides.map(({ name, toolVersion }) => [name, toolVersion])),
    targets: Object.fromEntries(
      sides.flatMap(({ id, name }) => {
        const target = readTarget(run, id);
        return target ? [[name, target]] : [];
      }),
    ),
    ...(run.live === 'during-trials' ? { watched: true as const } : {}),
  };
}

/** Of the trials that had one; a fallback in any of them counts. */
function readTarget(run: RunRecord, armId: string): TargetKey | undefined {
  const targets = run.trials.flatMap((trial) =>
    trial.armId === armId && trial.target ? [trial.target] : [],
  );
  const target = targets.find(({ fallbackReason }) => fallbackReason !== undefined) ?? targets[0];
  if (!target) return undefined;
  return {
    name: target.name,
    version: target.version ?? null,
    isFallback: target.fallbackReason !== undefined,
  };
}

/** `6.1.0-18-amd64` and `v20.19.0` to `6` and `20`. */
function majorOf(version: string): string {
  return /\d+/.exec(version)?.[0] ?? version;
}

function buildArm(
  run: RunRecord,
  { arm, evidence, findings, probe }: JudgedArm,
  variant: string | undefined,
): SideArm {
  const records = run.trials.filter(({ armId }) => armId === arm.id);
  const measured = representativeTrials(evidence?.trials ?? []);
  const reason = records.find((record) => record.reason !== undefined)?.reason ?? 'it was not measured';
  return {
    id: arm.id,
    name: variant === undefined ? arm.id : arm.id.slice(0, -variant.length - 1),
    variant: arm.variant ?? null,
    tool: arm.tool,
    toolVersion: probe?.available ? probe.version : null,
    samples: readSamples(evidence, measured, reason),
    shares: readShares(measured),
    invariants: evidence ? readInvariants(evidence) : [],
    invalid: evidence ? findInvalidity(evidence, findings) : [],
    failed: records
      .filter(({ state, kind }) => state === 'failed' && kind === 'measured')
      .map((record) => `${record.id}: ${record.reason ?? 'no reason recorded'}`),
    ...nameFindings(findings),
  };
}

function nameFindings(findings: JudgedArm['findings']): Pick<SideArm, 'finding' | 'findings'> {
  const [finding, ...others] = findings.map(({ code, sentence }) => ({ code, sentence }));
  return finding ? { finding, findings: [finding, ...others] } : {};
}

/** The comparable metrics alone: what is neither better high nor low can be neither better nor worse. */
function readSamples(
  evidence: ArmEvidence | undefined,
  measured: readonly TrialEvidence[],
  reason: string,
): SideArm['samples'] {
  const samples: SideArm['samples'] = {};
  for (const metric of METRIC_IDS.filter((id) => METRICS[id].better !== 'neither')) {
    samples[metric] = readSample(evidence, measured, metric, reason);
  }
  return samples;
}

function readSample(
  evidence: ArmEvidence | undefined,
  measured: readonly TrialEvidence[],
  metric: MetricId,
  reason: string,
): Sample {
  // The row may have been denied a figure that single trials still show, such as a rate that the wire contradicts.
  const whole = evidence?.metrics[metric];
  if (!whole?.known) return { absent: whole?.detail ?? reason };
  const known = measured
    .flatMap((trial) => {
      const value = readingValue(trial.metrics[metric]);
      return value === undefined ? [] : [{ round: trial.round, value }];
    })
    .sort((a, b) => a.round - b.round);
  if (known.length === 0) return { absent: 'it is known of the evidence trial alone' };
  return { rounds: known.map(({ round }) => round), values: known.map(({ value }) => value) };
}

function readShares(measured: readonly TrialEvidence[]): SideArm['shares'] {
  const shares: Partial<Record<MetricId, Share>> = {};
  for (const metric of METRIC_IDS.filter(isStreamRate)) {
    const parts = measured.flatMap((trial) => {
      const rate = readingValue(trial.metrics[metric]);
      const total = readingValue(trial.outcomes.attempted);
      return rate === undefined || total === undefined
        ? []
        : [{ hits: Math.min(total, Math.round(rate * total)), total }];
    });
    if (parts.length === 0 || parts.length < measured.length) continue;
    shares[metric] = parts.reduce((a, b) => ({ hits: a.hits + b.hits, total: a.total + b.total }));
  }
  return shares;
}

/** Of all trials, the evidence trial's capture included: one hit is one too many. Counts of 0 are left out. */
function readInvariants({ arm, trials, truth, outcomes, wire }: ArmEvidence): InvariantCount[] {
  const counts: InvariantCount[] = [];
  const put = (
    name: InvariantCount['name'],
    count: number | undefined,
    by: string,
    total: number | undefined,
  ): void => {
    if (count === undefined || count === 0) return;
    counts.push({ name, count: Math.abs(count), ...(total === undefined ? {} : { total }), by });
  };
  const sequence = (key: string): number =>
    trials.reduce((sum, { extra }) => {
      const counted = (extra?.sequence as Record<string, unknown> | undefined)?.[key];
      return sum + (typeof counted === 'number' ? counted : 0);
    }, 0);
  const events = countSequencedEvents(trials);
  const attempted = readingValue(outcomes.attempted);
  put('lost-events', sequence('gaps'), arm.tool, events);
  put('duplicate-events', sequence('duplicates'), arm.tool, events);
  put('event-order', sequence('reordered') + sequence('rolledBack'), arm.tool, events);
  put('server-resets', truth?.streamsReset, 'the target', truth?.requests);
  put('server-resets', readingValue(outcomes.reset), arm.tool, attempted);
  put('server-resets', readingValue(wire?.rst_by_server), 'the wire', readingValue(wire?.requests_sent));
  put('protocol-errors', readingValue(outcomes['protocol-error']), arm.tool, attempted);
  put('unaccounted', readingValue(outcomes.unaccounted), arm.tool, attempted);
  return counts;
}

/** Events of the trials whose ids were followed; undefined where the tool counts none. */
function countSequencedEvents(trials: readonly TrialEvidence[]): number | undefined {
  const counts = trials.flatMap(({ extra }) =>
    typeof extra?.eventsTotal === 'number' && extra.sequence !== undefined ? [extra.eventsTotal] : [],
  );
  return counts.length > 0 ? counts.reduce((a, b) => a + b) : undefined;
}
