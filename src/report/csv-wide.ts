import type { Cell } from '../model/cell.ts';
import type { ArmComparison, Comparison } from '../model/comparison.ts';
import { METRIC_IDS } from '../model/metrics.ts';
import { OUTCOME_ROWS } from '../model/outcome.ts';
import { cleanText } from './clean-text.ts';
import { boundsOf } from './export-metrics.ts';
import { type CsvRow, writeCsv } from './write-csv.ts';

/**
 * One line per arm, for spreadsheets: every metric with its bounds, every outcome, the first finding. An empty field is
 * a value that is not known; why, stands in the long form.
 */
export function reportCsvWide(comparison: Comparison): string {
  const head = [
    'scenario',
    'arm',
    'tool',
    'tool_version',
    'variant',
    'target',
    'finding',
    ...METRIC_IDS.flatMap((id) => [id, `${id}.low`, `${id}.high`]),
    ...OUTCOME_ROWS.map((row) => `outcome.${row}`),
  ];
  return writeCsv([head, ...comparison.arms.map((arm) => armRow(comparison.scenario.name, arm))]);
}

function armRow(scenario: string, arm: ArmComparison): CsvRow {
  return [
    cleanText(scenario),
    cleanText(arm.id),
    cleanText(arm.tool),
    cleanText(arm.toolVersion ?? ''),
    cleanText(arm.variant ?? ''),
    cleanText([arm.target.name, arm.target.version ?? ''].join(' ')),
    cleanText(arm.findings[0]?.code ?? ''),
    ...METRIC_IDS.flatMap((id) => withBounds(arm.metrics[id])),
    ...OUTCOME_ROWS.map((row) => withBounds(arm.outcomes[row])[0]!),
  ];
}

function withBounds(cell: Cell): CsvRow {
  if (!cell.known) return ['', '', ''];
  const bounds = boundsOf(cell);
  const value = typeof cell.value === 'string' ? cleanText(cell.value) : cell.value;
  return [value, bounds?.[0] ?? '', bounds?.[1] ?? ''];
}
