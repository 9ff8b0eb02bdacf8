import type { Cell, KnownCell } from '../model/cell.ts';
import type { ArmComparison } from '../model/comparison.ts';
import { OUTCOMES } from '../model/outcome.ts';
import { formatCount, formatPercent, formatRate, percentDigits, toMs } from '../stats/format-figure.ts';
import { cleanText } from './clean-text.ts';
import type { Notes } from './notes.ts';

/** A column of the comparison table, the same for every format. */
export interface Column {
  /** One or two lines. */
  head: string[];
  align: 'left' | 'right';
  /** The lines of one cell: value first. Reasons of absent values go to `notes`. */
  lines(arm: ArmComparison, notes: Notes): string[];
}

/** Characters of a tool's version that the table has room for; `debian/4.1.0-3+b2` fits. */
const VERSION_LENGTH = 18;

/** The first column; repeated where a table is split. */
export const ARM_COLUMN: Column = {
  head: ['tool'],
  align: 'left',
  lines: (arm) => [
    cleanText(arm.id),
    ...(arm.toolVersion === null ? [] : [cleanText(arm.toolVersion).slice(0, VERSION_LENGTH)]),
  ],
};

/** All other columns, the bottleneck last. Where a table has to be split, low `rank`s stand in the first part. */
export const COLUMNS: readonly (Column & { rank: number })[] = [
  {
    rank: 1,
    head: ['requests/s'],
    align: 'right',
    lines: (arm, notes) => rate(arm.metrics.requests_per_sec, notes),
  },
  {
    rank: 4,
    head: ['events/s'],
    align: 'right',
    lines: (arm, notes) => rate(arm.metrics.events_per_sec, notes),
  },
  {
    rank: 3,
    head: ['stream ms', 'p50 / p99'],
    align: 'right',
    lines: (arm, notes) => pair(arm.metrics.stream_us_p50, arm.metrics.stream_us_p99, notes),
  },
  {
    rank: 7,
    head: ['TTFE ms', 'p50 / p99'],
    align: 'right',
    lines: (arm, notes) => pair(arm.metrics.ttfe_us_p50, arm.metrics.ttfe_us_p99, notes),
  },
  {
    rank: 5,
    head: ['timeouts', '(95 %)'],
    align: 'right',
    lines: (arm, notes) => share(arm.metrics.timeout_rate, notes),
  },
  { rank: 6, head: ['outcomes'], align: 'right', lines: outcomes },
  {
    rank: 8,
    head: ['tool', 'CPU s'],
    align: 'right',
    lines: (arm, notes) => seconds(arm.metrics.tool_cpu_s, notes),
  },
  {
    rank: 9,
    head: ['target', 'CPU s'],
    align: 'right',
    lines: (arm, notes) => seconds(arm.metrics.target_cpu_s, notes),
  },
  {
    rank: 10,
    head: ['overrun', 's'],
    align: 'right',
    lines: (arm, notes) => seconds(arm.metrics.overrun_s, notes),
  },
  { rank: 2, head: ['bottleneck'], align: 'left', lines: (arm, notes) => [bottleneck(arm, notes)] },
];

/** Median and, below it, the lowest and highest round. */
function rate(cell: Cell, notes: Notes): string[] {
  if (!cell.known) return [notes.markAbsent(cell)];
  const lines = [formatRate(Number(cell.value))];
  if (cell.range) lines.push(span(formatRate(cell.range[0]), formatRate(cell.range[1])));
  return lines;
}

function pair(first: Cell, second: Cell, notes: Notes): string[] {
  if (!first.known && !second.known && first.detail === second.detail) return [notes.markAbsent(first)];
  const show = (cell: Cell): string => (cell.known ? toMs(Number(cell.value)) : notes.markAbsent(cell));
  return [`${show(first)} / ${show(second)}`];
}

function share(cell: Cell, notes: Notes): string[] {
  if (!cell.known) return [notes.markAbsent(cell)];
  const lines = [formatPercent(Number(cell.value))];
  if (cell.interval) lines.push(formatInterval(cell, cell.interval));
  return lines;
}

/** `max 3.6 %` where nothing was seen, `2-5 %` otherwise. */
function formatInterval(cell: KnownCell, [low, high]: [number, number]): string {
  return cell.value === 0
    ? `max ${formatPercent(high)}`
    : `${span(percentDigits(low), percentDigits(high))} %`;
}

/** Seconds with as many decimals as keep a column readable. */
function seconds(cell: Cell, notes: Notes): string[] {
  if (!cell.known) return [notes.markAbsent(cell)];
  const value = Number(cell.value);
  return [value < 10 ? value.toFixed(2) : value.toFixed(1)];
}

function span(low: string, high: string): string {
  return low === high ? low : `${low}-${high}`;
}

/** Outcomes that happened, one per line, then how many the tool cannot tell. */
function outcomes(arm: ArmComparison, notes: Notes): string[] {
  const seen = OUTCOMES.flatMap((row) => {
    const cell = arm.outcomes[row];
    return cell.known && Number(cell.value) > 0 ? [`${formatCount(Number(cell.value))} ${row}`] : [];
  });
  const absent = OUTCOMES.flatMap((row) => {
    const cell = arm.outcomes[row];
    return cell.known ? [] : [{ row, cell }];
  });
  const first = absent[0];
  if (
    first &&
    absent.length === OUTCOMES.length &&
    absent.every(({ cell }) => cell.detail === first.cell.detail)
  ) {
    return [notes.markAbsent(first.cell)];
  }
  if (!first) return seen.length > 0 ? seen : ['none'];
  return [...seen, `${seen.length > 0 ? 'others ' : ''}n/a ${notes.mark(explainBlindness(arm, absent))}`];
}

function explainBlindness(
  arm: ArmComparison,
  absent: readonly { row: string; cell: Extract<Cell, { known: false }> }[],
): string {
  const rowsByReason = new Map<string, string[]>();
  for (const { row, cell } of absent) {
    rowsByReason.set(cell.detail, [...(rowsByReason.get(cell.detail) ?? []), row]);
  }
  const reasons = [...rowsByReason].map(([reason, rows]) => `${rows.join(', ')} (${reason})`);
  return `outcomes ${arm.id} cannot tell: ${reasons.join('; ')}`;
}

/** The rank-1 finding, or why the row has none: skipped, failed, cut off. */
function bottleneck(arm: ArmComparison, notes: Notes): string {
  const first = arm.findings[0];
  const states = arm.trials.filter((trial) => trial.kind === 'measured').map((trial) => trial.state);
  const bad = arm.trials.find((trial) => trial.kind === 'measured' && trial.state !== 'done');
  if (first?.outcome !== 'found' && !states.includes('done')) {
    const state = bad?.state ?? 'not measured';
    return `${state} ${notes.mark(`not collected: ${bad?.reason ?? first?.sentence ?? 'the run ended before its turn'}`)}`;
  }
  return first?.code ?? 'unproven';
}
