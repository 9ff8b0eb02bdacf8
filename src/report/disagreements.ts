import type { Cell, UnknownReading } from '../model/cell.ts';
import type { ArmComparison, Comparison } from '../model/comparison.ts';
import { OUTCOMES, type Outcome } from '../model/outcome.ts';
import { formatCount, formatPercent, formatUs } from '../stats/format-figure.ts';

/** What one witness says of one thing. */
export type Testimony =
  | { known: true; text: string; value: number; note?: string }
  | { known: false; detail: string };

/** One thing that several witnesses speak about. */
export interface Disagreement {
  what: string;
  /** Which trials it is about: all measured rounds, or the evidence trial with its capture. */
  from: 'measured rounds' | 'evidence trial';
  tool: Testimony;
  wire: Testimony;
  target: Testimony;
  /** `blind`: somebody saw what the tool cannot see. `unchecked`: nobody but the tool says anything. */
  verdict: 'agree' | 'differ' | 'blind' | 'unchecked';
  sentence: string;
}

/** Above it two counts of the same streams differ: streams in flight at the end are counted by one side only. */
const COUNT_TOLERANCE = 0.01;
/** Latencies differ from here on: less is what waking up a process takes on a machine that has other work. */
const LATENCY_TOLERANCE_US = 200;
const LATENCY_TOLERANCE = 0.05;

const FAILURES: readonly Outcome[] = OUTCOMES.filter(
  (row) => row !== 'completed' && row !== 'held' && row !== 'client-aborted',
);
const NOT_ASKED: Testimony = { known: false, detail: 'has no say in it' };

/** What each tool said, what the wire shows and what the target counted, thing by thing. */
export function findDisagreements(arm: ArmComparison, { load }: Comparison): Disagreement[] {
  const rounds = arm.trials.filter((trial) => trial.kind === 'measured' && trial.state === 'done').length;
  const inFlight = load.connections * Math.max(1, rounds);
  const evidence = arm.trials.find((trial) => trial.kind === 'evidence' && trial.state === 'done');
  const fromEvidence = (id: 'ttfb_us_p50' | 'ttfe_us_p50'): Testimony => {
    const cell = evidence?.metrics[id];
    return cell ? latency(cell) : absent(arm.metrics[id], 'the tool has no figure of the evidence trial');
  };
  const rows = [
    countRow('Streams begun', count(arm.outcomes.attempted), count(arm.truth.requests), inFlight),
    countRow('Streams completed', completedBy(arm, load), count(arm.truth.streams_completed), inFlight),
    failureRow(arm),
    latencyRow('First byte, median', fromEvidence('ttfb_us_p50'), latency(arm.wire.wire_ttfb_us_p50)),
    latencyRow('First event, median', fromEvidence('ttfe_us_p50'), latency(arm.wire.wire_ttfe_us_p50)),
    connectionRow(load.connections, arm.wire.connections_opened, arm.wire.probe_connections),
  ];
  return rows.filter((row) => row.tool.known || row.wire.known || row.target.known);
}

/** The tool's count; where it has none, what its rate comes to. */
function completedBy(arm: ArmComparison, load: Comparison['load']): Testimony {
  const counted = count(arm.outcomes.completed);
  const rate = arm.metrics.requests_per_sec;
  if (counted.known || !rate.known) return counted;
  const value = Math.round((Number(rate.value) * load.durationMs * (rate.rounds ?? 1)) / 1000);
  return { known: true, value, text: `about ${formatCount(value)}`, note: 'worked out from its rate' };
}

function countRow(what: string, tool: Testimony, target: Testimony, inFlight: number): Disagreement {
  const row = { what, from: 'measured rounds' as const, tool, wire: NOT_ASKED, target };
  const early = judgeAbsence(tool, [target]);
  if (early) return { ...row, ...early };
  const difference = valueIn(tool) - valueIn(target);
  const allowed = Math.max(inFlight, COUNT_TOLERANCE * valueIn(target));
  return Math.abs(difference) <= allowed
    ? {
        ...row,
        verdict: 'agree',
        sentence: difference === 0 ? 'the same' : `${signed(difference)}, within the streams in flight`,
      }
    : {
        ...row,
        verdict: 'differ',
        sentence: `${signed(difference)} (${formatPercent(difference / Math.max(1, valueIn(target)))})`,
      };
}

function failureRow(arm: ArmComparison): Disagreement {
  const tool = sumOf(FAILURES.map((row) => arm.outcomes[row]));
  const target = sumOf(
    ['streams_reset', 'streams_closed_early', 'streams_stalled', 'streams_write_error'].map(
      (id) => arm.truth[id],
    ),
  );
  // Resets are among the closes; by themselves they are a lower bound where the others are unknown.
  const closes = arm.wire.server_closed_mid_response;
  const wire = sumOf([closes?.known ? closes : arm.wire.rst_by_server, arm.wire.refused]);
  const row = { what: 'Streams that failed', from: 'measured rounds' as const, tool, wire, target };
  const early = judgeAbsence(tool, [target, wire]);
  if (early) return { ...row, ...early };
  const others = [target, wire].filter((other) => other.known);
  const agree = others.every((other) => valueIn(other) > 0 === valueIn(tool) > 0);
  return {
    ...row,
    verdict: agree ? 'agree' : 'differ',
    sentence: agree
      ? valueIn(tool) === 0
        ? 'nobody saw one'
        : 'all saw some; the wire is of the shorter evidence trial'
      : valueIn(tool) > 0
        ? 'the tool reports failures that nobody else saw'
        : 'failures that the tool did not report',
  };
}

function latencyRow(what: string, tool: Testimony, wire: Testimony): Disagreement {
  const row = { what, from: 'evidence trial' as const, tool, wire, target: NOT_ASKED };
  const early = judgeAbsence(tool, [wire]);
  if (early) return { ...row, ...early };
  const added = valueIn(tool) - valueIn(wire);
  const allowed = Math.max(LATENCY_TOLERANCE_US, LATENCY_TOLERANCE * valueIn(wire));
  return Math.abs(added) <= allowed
    ? { ...row, verdict: 'agree', sentence: 'the same but for waking up' }
    : {
        ...row,
        verdict: 'differ',
        sentence:
          added > 0
            ? `the tool adds ${formatUs(added)}`
            : `${formatUs(-added)} less than the wire shows: another definition`,
      };
}

function connectionRow(asked: number, opened: Cell | undefined, probes: Cell | undefined): Disagreement {
  const tool: Testimony = { known: true, value: asked, text: formatCount(asked), note: 'as asked for' };
  const wire = count(opened);
  const tests = count(probes);
  const row = {
    what: 'Connections opened',
    from: 'evidence trial' as const,
    tool,
    wire,
    target: NOT_ASKED,
  };
  const early = judgeAbsence(tool, [wire]);
  if (early) return { ...row, ...early };
  const more = valueIn(wire) - asked;
  if (more === 0) return { ...row, verdict: 'agree', sentence: 'the same' };
  if (more < 0) return { ...row, verdict: 'differ', sentence: `${signed(more)}: fewer than asked for` };
  return {
    ...row,
    verdict: 'agree',
    sentence:
      tests.known && tests.value === more
        ? `${signed(more)}: opened and closed without a byte, to test the server`
        : `${signed(more)}: opened again when others had ended`,
  };
}

function judgeAbsence(
  tool: Testimony,
  others: readonly Testimony[],
): Pick<Disagreement, 'verdict' | 'sentence'> | undefined {
  const witnesses = others.filter((other) => other.known);
  if (!tool.known && witnesses.length > 0) return { verdict: 'blind', sentence: tool.detail };
  if (!tool.known) return { verdict: 'unchecked', sentence: tool.detail };
  if (witnesses.length > 0) return undefined;
  const silent = others.find((other) => !other.known && other !== NOT_ASKED);
  return {
    verdict: 'unchecked',
    sentence: silent && !silent.known ? silent.detail : 'nobody else can tell',
  };
}

function count(cell: Cell | undefined): Testimony {
  if (!cell) return { known: false, detail: 'not collected' };
  if (!cell.known) return absent(cell);
  const value = Number(cell.value);
  return { known: true, value, text: formatCount(value), ...(cell.note ? { note: cell.note } : {}) };
}

function latency(cell: Cell | undefined): Testimony {
  if (!cell) return { known: false, detail: 'not collected' };
  if (!cell.known) return absent(cell);
  return { known: true, value: Number(cell.value), text: formatUs(Number(cell.value)) };
}

/** Sum of what is known; known only when every part is, or when something did happen. */
function sumOf(cells: readonly (Cell | undefined)[]): Testimony {
  const missing = cells.find((cell) => cell && !cell.known);
  const total = cells.reduce((sum, cell) => sum + (cell?.known ? Number(cell.value) : 0), 0);
  if (cells.every((cell) => !cell)) return { known: false, detail: 'not collected' };
  if (!missing) return { known: true, value: total, text: formatCount(total) };
  if (total === 0) return absent(missing as UnknownReading);
  return {
    known: true,
    value: total,
    text: `at least ${formatCount(total)}`,
    note: (missing as UnknownReading).detail,
  };
}

function absent(cell: Cell, fallback = 'not collected'): Testimony {
  return { known: false, detail: cell.known ? fallback : cell.detail };
}

function valueIn(testimony: Testimony): number {
  return testimony.known ? testimony.value : 0;
}

function signed(value: number): string {
  return `${value > 0 ? '+' : '-'}${formatCount(Math.abs(value))}`;
}
