import type { Cell } from '../model/cell.ts';
import type { ArmComparison, Comparison } from '../model/comparison.ts';
import { cleanText } from './clean-text.ts';
import { type CsvRow, writeCsv } from './write-csv.ts';

const HEAD = [
  'arm',
  'metric',
  'value',
  'unit',
  'low',
  'high',
  'bounds',
  'known',
  'why',
  'detail',
  'definition',
] as const;

/**
 * Every cell as one line, for spreadsheets and scripts. `bounds` says what low and high are: the 95 % interval or the
 * lowest and highest round.
 */
export function reportCsv(comparison: Comparison): string {
  const rows = comparison.arms.flatMap(armRows);
  return writeCsv([[...HEAD], ...rows]);
}

function armRows(arm: ArmComparison): CsvRow[] {
  const groups: [prefix: string, cells: Record<string, Cell>][] = [
    ['', arm.metrics],
    ['outcome.', arm.outcomes],
    ['wire.', arm.wire],
    ['process.', arm.process],
    ['truth.', arm.truth],
    ['profile.', arm.profile ?? {}],
  ];
  const id = cleanText(arm.id);
  const cells = groups.flatMap(([prefix, group]) =>
    Object.entries(group).map(([metric, cell]) => [id, `${prefix}${metric}`, ...cellColumns(cell)]),
  );
  const findings = arm.findings.map((finding) => [
    id,
    `finding.${finding.rank}`,
    cleanText(finding.code),
    '',
    '',
    '',
    '',
    finding.outcome === 'found',
    '',
    cleanText(finding.sentence),
    '',
  ]);
  return [...findings, ...cells];
}

function cellColumns(cell: Cell): CsvRow {
  if (!cell.known) return ['', '', '', '', '', false, cell.why, cleanText(cell.detail), ''];
  const bounds = cell.interval ?? cell.range;
  return [
    typeof cell.value === 'string' ? cleanText(cell.value) : cell.value,
    cell.unit,
    bounds?.[0] ?? '',
    bounds?.[1] ?? '',
    cell.interval ? 'interval-95' : cell.range ? 'rounds' : '',
    true,
    '',
    cleanText(cell.note ?? ''),
    cell.definition,
  ];
}
