import { stringify } from 'csv-stringify/sync';
import type { Cell } from '../model/cell.ts';
import type { ArmComparison, Comparison } from '../model/comparison.ts';
import { cleanText } from './clean-text.ts';

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

type Row = (string | number | boolean)[];

/**
 * Every cell as one line, for spreadsheets and scripts. `bounds` says what low and high are: the 95 % interval or the
 * lowest and highest round. Text that a spreadsheet would run as a formula is quoted with an apostrophe; numbers
 * stay numbers.
 */
export function reportCsv(comparison: Comparison): string {
  const rows = comparison.arms.flatMap(armRows);
  return stringify([[...HEAD], ...rows], {
    escape_formulas: true,
    record_delimiter: 'unix',
    cast: {
      // A negative number would be taken for a formula and quoted.
      number: (value) => ({ value: String(value), escape_formulas: false }),
      boolean: (value) => String(value),
      string: (value) => value,
    },
  });
}

function armRows(arm: ArmComparison): Row[] {
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

function cellColumns(cell: Cell): Row {
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
