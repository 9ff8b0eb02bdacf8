import {
  CALIBRATION_VERDICTS,
  type Calibration,
  type CalibrationCell,
  type CalibrationLayer,
  type CalibrationVerdict,
} from '../../model/calibration.ts';

type LayerName = 'raw' | 'normalized';

/** Verdict of a layer, or that there is none. */
export type LayerMark = CalibrationVerdict | 'not run';

export function markOf(layer: CalibrationLayer): LayerMark {
  return layer.state === 'judged' ? layer.verdict : 'not run';
}

export function cellOf({ cells }: Calibration, tool: string, behaviour: string): CalibrationCell | undefined {
  return cells.find((cell) => cell.tool === tool && cell.behaviour === behaviour);
}

/** How often each verdict was given, for one layer of one tool or of all. */
function countVerdicts(
  { cells }: Calibration,
  layer: LayerName,
  tool?: string,
): Record<CalibrationVerdict, number> {
  const marks = cells
    .filter((cell) => tool === undefined || cell.tool === tool)
    .map((cell) => markOf(cell[layer]));
  return Object.fromEntries(
    CALIBRATION_VERDICTS.map((verdict) => [verdict, marks.filter((mark) => mark === verdict).length]),
  ) as Record<CalibrationVerdict, number>;
}

/** The first sentence of every report. */
export function summarize(calibration: Calibration): string {
  const raw = countVerdicts(calibration, 'raw');
  const normalized = countVerdicts(calibration, 'normalized');
  const total = (counts: Record<CalibrationVerdict, number>): number =>
    CALIBRATION_VERDICTS.reduce((sum, verdict) => sum + counts[verdict], 0);
  const cut = calibration.state === 'interrupted' ? ' Interrupted: the rest was not run.' : '';
  if (total(raw) + total(normalized) === 0) return `Nothing was judged.${cut}`;
  return (
    `Of ${total(raw)} reports of the tools ${raw.wrong} say the opposite of what the server did and ${raw.blind} ` +
    `cannot tell; of ${total(normalized)} results as published ${normalized.wrong} are wrong and ` +
    `${normalized.blind} say that they cannot tell.${cut}`
  );
}

/** How the calibration was made, in one line. */
export function describeConditions({ load, tools, harnessVersion, environment }: Calibration): string {
  const versions = tools.map(({ name, version }) => `${name} ${version ?? '(missing)'}`).join(', ');
  return `${load.connections} connections for ${load.durationMs / 1000} s, timeout ${load.timeoutMs / 1000} s; ${versions}; ssee-bench ${harnessVersion}; Node ${environment.node}, ${environment.os}`;
}
