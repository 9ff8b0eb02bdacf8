import type { KnownCell } from '../model/cell.ts';
import type { ArmComparison } from '../model/comparison.ts';
import { METRICS, type MetricDefinition, type MetricId } from '../model/metrics.ts';

/** A metric of an arm with a number, as other programs take it. */
export interface ExportedMetric {
  id: MetricId;
  cell: KnownCell;
  value: number;
  definition: MetricDefinition;
}

/** Every known numeric metric of an arm that is better in one direction, in the order of the definitions. */
export function listExportedMetrics({ metrics }: Pick<ArmComparison, 'metrics'>): ExportedMetric[] {
  return (Object.entries(METRICS) as [MetricId, MetricDefinition][]).flatMap(([id, definition]) => {
    const cell = metrics[id];
    if (!cell.known || typeof cell.value !== 'number' || definition.better === 'neither') return [];
    return Number.isFinite(cell.value) ? [{ id, cell, value: cell.value, definition }] : [];
  });
}

/** Lowest and highest: of the rounds, or the 95 % interval of a rate. */
export function boundsOf(cell: KnownCell): [low: number, high: number] | undefined {
  return cell.interval ?? cell.range;
}
